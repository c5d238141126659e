"""What people are told by mail about their accounts, in their language."""

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from forthwith.platform import ids
from forthwith.platform.db import Session
from forthwith.platform.identity.mail_tokens import LIVES, Purpose
from forthwith.platform.jobs import Jobs
from forthwith.platform.notify import Address, Notice, Template, notify, templates

CONFIRM: Final = "identity.confirm"
KNOWN: Final = "identity.known"
RESET: Final = "identity.reset"
PASSWORD_CHANGED: Final = "identity.password_changed"  # noqa: S105 - the name of a template

templates.register(
    Template(
        CONFIRM,
        subject={
            "zh-TW": "請確認您的電子郵件地址",
            "en": "Please confirm your e-mail address",
            "ja": "メールアドレスの確認のお願い",
        },
        body={
            "zh-TW": "有人以這個電子郵件地址註冊了 Forthwith。\n\n"
            "如果是您，請在 {hours} 小時內輸入以下確認碼：\n\n{token}\n\n"
            "如果不是您，請不要理會這封信；帳號不會建立。\n",
            "en": "Somebody registered at Forthwith with this address.\n\n"
            "If it was you, enter this code within {hours} hours:\n\n{token}\n\n"
            "If it was not you, leave this mail alone; there will be no account.\n",
            "ja": "このメールアドレスで Forthwith への登録がありました。\n\n"
            "ご本人の場合は、{hours} 時間以内に次のコードを入力してください。\n\n{token}\n\n"
            "お心当たりがない場合は、このメールを無視してください。アカウントは作成されません。\n",
        },
    ),
    Template(
        KNOWN,
        subject={
            "zh-TW": "您已經有帳號了",
            "en": "You already have an account",
            "ja": "すでにアカウントをお持ちです",
        },
        body={
            "zh-TW": "有人以這個電子郵件地址註冊 Forthwith，但您已經有帳號了。\n\n"
            "如果是您，請直接登入，或重設密碼。如果不是您，不需要做任何事。\n",
            "en": "Somebody registered at Forthwith with this address, which has an account.\n\n"
            "If it was you, sign in, or reset your password. If it was not you, there is nothing"
            " to do.\n",
            "ja": "このメールアドレスで Forthwith への登録がありましたが、"
            "すでにアカウントがあります。\n\nご本人の場合は、ログインするかパスワードを再設定してください。"
            "お心当たりがない場合は、何もする必要はありません。\n",
        },
    ),
    Template(
        RESET,
        subject={
            "zh-TW": "重設您的密碼",
            "en": "Reset your password",
            "ja": "パスワードの再設定",
        },
        body={
            "zh-TW": "請在 {hours} 小時內以這個代碼設定新密碼：\n\n{token}\n\n"
            "如果您沒有要求重設密碼，請不要理會這封信；密碼不會改變。\n",
            "en": "Set a new password with this code within {hours} hours:\n\n{token}\n\n"
            "If you did not ask for it, leave this mail alone; your password stays.\n",
            "ja": "{hours} 時間以内に次のコードで新しいパスワードを設定してください。\n\n"
            "{token}\n\nお心当たりがない場合は、このメールを無視してください。パスワードは変わりません。\n",
        },
    ),
    Template(
        PASSWORD_CHANGED,
        subject={
            "zh-TW": "您的密碼已變更",
            "en": "Your password was changed",
            "ja": "パスワードが変更されました",
        },
        body={
            "zh-TW": "您的密碼已變更，其他裝置已登出。\n\n如果不是您，請立即重設密碼。\n",
            "en": "Your password was changed, and your other devices were signed out.\n\n"
            "If it was not you, reset your password at once.\n",
            "ja": "パスワードが変更され、他の端末はログアウトされました。\n\n"
            "お心当たりがない場合は、すぐにパスワードを再設定してください。\n",
        },
    ),
)


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whose mail it is, where it goes, and in which language."""

    owner: UUID
    email: str
    language: str


async def confirm(session: Session, jobs: Jobs, to: Recipient, token: str) -> None:
    """Ask whether the address belongs to whoever registered with it."""
    await _send(session, jobs, CONFIRM, to, _code(Purpose.CONFIRM, token))


async def known(session: Session, jobs: Jobs, to: Recipient) -> None:
    """Tell the holder that somebody registered with their address."""
    await _send(session, jobs, KNOWN, to, {})


async def reset(session: Session, jobs: Jobs, to: Recipient, token: str) -> None:
    """Send what allows a new password."""
    await _send(session, jobs, RESET, to, _code(Purpose.RESET, token))


async def password_changed(session: Session, jobs: Jobs, to: Recipient) -> None:
    """Tell the holder that the password is another one now."""
    await _send(session, jobs, PASSWORD_CHANGED, to, {})


def _code(purpose: Purpose, token: str) -> dict[str, str | int]:
    return {"token": token, "hours": int(LIVES[purpose].total_seconds()) // 3600}


async def _send(
    session: Session, jobs: Jobs, template: str, to: Recipient, data: dict[str, str | int]
) -> None:
    """Every mail is an event of its own: two registrations are two mails."""
    notice = Notice(
        owner=to.owner,
        event_key=f"{template}:{ids.new()}",
        template=template,
        to=[Address("mail", to.email)],
        data=data,
        language=to.language,
        urgent=True,
    )
    await notify(session, jobs, notice)
