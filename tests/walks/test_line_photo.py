"""A photo sent in LINE comes back as a contact."""

from line_bot import Bot, buttons, text_of
from support import EXAMPLES

USER = "Fang"
PHOTO = EXAMPLES / "usa-icons.jpg"


async def test_a_photo_becomes_a_contact_in_the_chat(bot: Bot) -> None:
    """Answered by the reply token, with the lines that can be tapped."""
    await bot.phone.send_images(USER, [PHOTO.read_bytes()])
    contact = (await bot.says(USER))[0]
    chat = await bot.phone.messages_of(USER)

    assert contact["type"] == "flex"
    assert "@" in text_of(contact)
    assert {"信箱", "存到手機", "QR 碼", "備註", "刪除"} <= set(buttons(contact))
    assert chat.entries[-1].sent_by == "reply"
