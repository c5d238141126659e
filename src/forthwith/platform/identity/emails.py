"""E-mail addresses in the one form by which accounts are found."""

from email_validator import EmailNotValidError, validate_email

from forthwith.platform.errors import Fault, Unprocessable

LONGEST = 254  # characters; RFC 5321 with erratum 1690


def normalised(address: str, pointer: str = "#/email") -> str:
    """An address in small letters, its domain as it is written (`münchen.de`, not `xn--...`).

    Nobody delivers to two people whose addresses differ in letter case only, though RFC 5321
    would allow it. Mail is only ever sent to the kept form, never to what a request says, so
    that an address that looks alike gets nobody else's mail. Raises `Unprocessable` that names
    the place of the address in the request.
    """
    try:
        found = validate_email(address, check_deliverability=False, strict=True)
    except EmailNotValidError as error:
        fault = Fault(pointer, str(error))
        raise Unprocessable("This is no e-mail address.", faults=[fault]) from None
    return str(found.normalized).lower()
