"""What the page says where it asks for a password, in Japanese and English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rag.web.texts.choice import Language


@dataclass(frozen=True, slots=True)
class LoginTexts:
    """The words of one language."""

    title: str
    user: str
    password: str
    log_in: str
    log_out: str
    wrong: str
    pause: str


LOGIN_TEXTS: Mapping[Language, LoginTexts] = {
    "ja": LoginTexts(
        title="栞 Shiori にログイン",
        user="ユーザー名",
        password="パスワード",  # noqa: S106
        log_in="ログイン",
        log_out="ログアウト",
        wrong="ユーザー名かパスワードが違います。",
        pause="続けて間違えたため、しばらくログインできません。1 分ほど待ってからやり直してください。",
    ),
    "en": LoginTexts(
        title="Log in to Shiori",
        user="User name",
        password="Password",  # noqa: S106
        log_in="Log in",
        log_out="Log out",
        wrong="The user name or the password is wrong.",
        pause="Too many wrong passwords. Wait a minute, then try again.",
    ),
}
