"""What the page says where it asks for a password, in Japanese and English."""

from __future__ import annotations

from rag.web.texts.text import Spoken, Text, in_each_language


class LoginTexts(Spoken):
    """The words of one language."""

    title = Text(ja="栞 Shiori にログイン", en="Log in to Shiori")
    user = Text(ja="ユーザー名", en="User name")
    password = Text(ja="パスワード", en="Password")
    log_in = Text(ja="ログイン", en="Log in")
    log_out = Text(ja="ログアウト", en="Log out")
    wrong = Text(ja="ユーザー名かパスワードが違います。", en="The user name or the password is wrong.")
    pause = Text(
        ja="続けて間違えたため、しばらくログインできません。1 分ほど待ってからやり直してください。",
        en="Too many wrong passwords. Wait a minute, then try again.",
    )


LOGIN_TEXTS = in_each_language(LoginTexts)
