"""What the page says where it asks for a password and lists who is logged in, in Japanese and English."""

from __future__ import annotations

from rag.web.texts.text import Named, Spoken, Text, in_each_language


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
    sign_on = Text(ja="組織のアカウントでログイン", en="Log in with your organisation's account")
    or_by_password = Text(ja="または、パスワードで", en="or by a password")
    signed_off = Text(
        ja="栞からログアウトしました。組織のアカウントにはまだログインしています。",
        en="You have logged out of Shiori, and are still logged in with your organisation's account.",
    )
    other_account = Text(
        ja="別のアカウントを使うときは、先にこのアカウントからログアウトしてください。",
        en="To use another account, log out of this one first.",
    )
    sign_off = Text(ja="組織のアカウントからログアウト", en="Log out of your organisation's account")
    sign_on_refused = Named(
        failed=Text(
            ja="組織のアカウントでログインできませんでした。もう一度お試しください。",
            en="Logging in with your organisation's account did not work. Try again.",
        ),
        unreachable=Text(
            ja="組織のログインサーバーにつながりません。しばらくしてからお試しください。",
            en="Your organisation's login server cannot be reached. Try again later.",
        ),
        no_role=Text(
            ja="このアカウントは栞を使えません。管理者に頼んでください。",
            en="This account may not use Shiori. Ask an administrator.",
        ),
    )
    sessions = Text(ja="ログイン中のブラウザー", en="Logged-in browsers")
    sessions_short = Text(ja="ログイン中", en="Sessions")
    this_browser = Text(ja="このブラウザー", en="this browser")
    unknown_browser = Text(ja="名乗らないブラウザー", en="A browser that gives no name")
    session_times = Text(
        ja="{began} に {address} からログイン、最後の利用 {seen}",
        en="Logged in {began} from {address}, last used {seen}",
    )
    no_sessions = Text(ja="ログイン中のブラウザーはありません。", en="No browser is logged in.")
    end = Text(ja="ログアウトさせる", en="Log out")
    end_labelled = Text(ja="{user}（{began} から）をログアウトさせる", en="Log out {user}, in since {began}")
    end_others = Text(ja="自分のほかのブラウザーをすべてログアウトさせる", en="Log out all my other browsers")
    change = Text(ja="パスワードを変える", en="Change the password")
    current = Text(ja="今のパスワード", en="Current password")
    new = Text(ja="新しいパスワード", en="New password")
    passwords_refused = Named(
        short=Text(ja="{least} 文字以上にしてください。", en="Take {least|character} or more."),
        common=Text(
            ja="よく使われるパスワードは、最初に試されます。いくつかの言葉を並べたものなどにしてください。",
            en="This is one of the first passwords that are guessed. Take several words, for instance.",
        ),
    )
    password_fixed = Text(
        ja="パスワードはここでは変えられません。管理者に頼んでください。",
        en="Passwords cannot be changed here. Ask an administrator.",
    )
    needs = Named(
        editor=Text(ja="これは編集者だけができます。", en="Only editors may do this."),
        administrator=Text(ja="これは管理者だけができます。", en="Only administrators may do this."),
    )
    back = Text(ja="栞 Shiori に戻る", en="Back to Shiori")


LOGIN_TEXTS = in_each_language(LoginTexts)
