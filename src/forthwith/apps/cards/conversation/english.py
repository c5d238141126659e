"""The bot's sentences in English."""

from typing import Final

from forthwith.apps.cards.conversation.commands import Field, Verb
from forthwith.apps.cards.conversation.words import Words

ENGLISH: Final = Words(
    say={
        Verb.BEGIN_BATCH: "batch",
        Verb.END_BATCH: "end batch",
        Verb.STATUS: "status",
        Verb.LIST: "list",
        Verb.HELP: "help",
        Verb.CANCEL: "cancel",
    },
    fields={
        Field.NAME: "Name",
        Field.COMPANY: "Company",
        Field.DEPARTMENT: "Department",
        Field.TITLE: "Title",
        Field.PHONE: "Phone",
        Field.MOBILE: "Mobile",
        Field.FAX: "Fax",
        Field.EMAIL: "Email",
        Field.WEBSITE: "Website",
        Field.ADDRESS: "Address",
        Field.TAX_ID: "Tax ID",
        Field.LINE_ID: "LINE",
    },
    failures={
        "NO_TEXT_FOUND": "No text could be read. Take it again, closer and sharp.",
        "UNSUPPORTED_MEDIA_TYPE": "This kind of file is not read. Send a JPEG, PNG, WebP or HEIC.",
        "TOO_LARGE": "The photo is too large. Send one of at most 15 MB.",
        "QUOTA_EXCEEDED": "Today's photos are used up. Send it again after midnight UTC.",
        "REFUSED": "LINE no longer has this photo. Send it again.",
        "TIMED_OUT": "It took too long. Try another photo.",
    },
    advice={
        "BLURRED": "The photo is blurred: hold still and focus for a better reading.",
        "GLARE": "Light reflects on the card: tilt it for a better reading.",
        "TOO_SMALL": "The text is small: move closer, until the card fills the photo.",
        "CUT_OFF": "Text runs out of the photo: take the whole card.",
        "TOO_DARK": "The photo is dark: take it with more light.",
    },
    welcome="Hello! Send me a photo of a business card, and seconds later it is a contact.",
    help=(
        "Send a photo: one card is read\n"
        "batch: send many, get one summary\n"
        "end batch: finish, with figures\n"
        "status: how far it is\n"
        "list: your latest cards\n"
        "search Smith: find a card\n"
        "correct title: Manager: change a field of the latest card\n"
        "note met at the fair: add a note\n"
        "delete: remove the latest card"
    ),
    batch_begun="Batch mode is on. Send your photos, then write “end batch”.",
    batch_runs="Batch mode is on already; {count} photos so far.",
    no_batch="There is no batch. Write “batch” to begin one.",
    batch_empty="The batch is closed. It had no photos.",
    batch_done="Batch finished",
    batch_forgotten="The batch was idle and has been closed",
    done="Read",
    failed="Failed",
    duplicates="Duplicates",
    from_cache="From cache",
    took="Time",
    seconds="{seconds} s",
    status="Status",
    in_batch="Batch is on",
    waiting="Being read",
    contacts="Contacts",
    photo_failed="This one could not be read. {why}",
    unexpected="Something went wrong on our side. Send it again later.",
    no_contacts="There are no cards yet. Send a photo to try it.",
    nothing_found="Nothing was found for “{term}”.",
    found="{count} found",
    ask_value="Send the new value of {field} (or “cancel”).",
    ask_note="Send your note (or “cancel”).",
    cancelled="Cancelled.",
    not_valid="“{value}” does not look right for {field}. Send it again, or “cancel”.",
    corrected="Corrected.",
    noted="The note was added.",
    ask_delete="Delete {who}? The photo and everything read from it go too.",
    deleted="Deleted.",
    gone="This card is no longer here.",
    same_person="{who} seems to be among your contacts already. Merge them?",
    merged="Merged. The earlier position is kept.",
    kept_apart="Kept apart.",
    not_understood="I do not understand that. Send a photo of a card, or write “help”.",
    send_photo="I only read photos of business cards. Please send a photo.",
    earlier="Earlier",
    read_before="This photo was read before",
    delete="Delete",
    yes_delete="Yes, delete",
    merge="Merge",
    keep="Keep apart",
    save="Save to phone",
    qr="QR code",
    note="Note",
    notion="Notion",
    notion_waiting="This contact is on its way to Notion. Ask again in a moment.",
    notion_failed="Notion did not take this contact. Correct it, and it is sent again.",
    open="Open",
    more="More",
    camera="Camera",
    album="Photos",
    unsure="Not sure, please check",
    read_by="Read by {reader}",
    readers={"local": "this server", "gemini": "Gemini", "openai": "OpenAI"},
    no_links="No public address is set here, so this is the contact as text:",
)
