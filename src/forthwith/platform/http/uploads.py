"""Reading one uploaded file out of a multipart form, after the caller was let in.

Routes read the form themselves: FastAPI would parse the whole body before it asks who sends it.
"""

from typing import Any

from fastapi import Request
from starlette.datastructures import UploadFile

from forthwith.platform.errors import BadRequest, Fault, Unprocessable, UnsupportedMedia

_MAX_FIELDS = 20


async def uploaded_file(request: Request, field: str) -> UploadFile:
    """The one file in the form field `field`, on disk when it is large."""
    content_type = request.headers.get("content-type", "")
    if content_type.partition(";")[0].strip().lower() != "multipart/form-data":
        raise UnsupportedMedia(f"Send multipart/form-data with the file in the field `{field}`.")
    if "boundary=" not in content_type:
        raise BadRequest("The multipart/form-data content type has no boundary.")
    form = await request.form(max_files=1, max_fields=_MAX_FIELDS)
    file = form.get(field)
    if isinstance(file, UploadFile):
        return file
    await form.close()
    raise Unprocessable(
        f"There is no file in the form field `{field}`.",
        faults=[Fault(f"#/{field}", "a file is required here")],
    )


def upload_schema(field: str, description: str) -> dict[str, Any]:
    """`openapi_extra` of a route that reads its form by `uploaded_file`."""
    file = {"type": "string", "format": "binary", "description": description}
    schema = {"type": "object", "required": [field], "properties": {field: file}}
    content = {"multipart/form-data": {"schema": schema}}
    return {"requestBody": {"required": True, "content": content}}
