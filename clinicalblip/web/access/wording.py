"""What the sign-in page says, and what is said to whoever is not signed in."""

SIGN_IN = "Sign in"
SIGN_OUT = "Sign out"
PASSWORD = "Password"  # noqa: S105 - the label of its box
WITH_HUGGING_FACE = "Sign in with Hugging Face"
IN_A_WINDOW = "It opens in a window of its own, in which you then work."
OWN_WINDOW = "Open this page in a window of its own"
FRAMED = "If the page asks again after you signed in, your browser keeps no cookie for a page in a frame."
OPEN_TO_ALL = (
    "The page can be used without signing in; this is for its owners. Save what you are working on first: who signs "
    "in begins with an empty page."
)
ACCOUNT_UNKNOWN = (
    "Of your account a keyed digest is kept, and a pseudonym made of it; its name and your e-mail address are not."
)

SIGN_IN_FIRST = (
    "You are not signed in, so nothing was done; open the page again and sign in. Copy what you typed first."
)
WRONG_PASSWORD = "This is not the password; nobody was signed in."  # noqa: S105 - a sentence
LOCKED = "Ten passwords were wrong, so nobody can sign in from here for a minute; try again in {seconds} seconds."
TOO_MANY = "Many people are signing in just now; try again in a few seconds."
NOT_A_FORM = "The password did not arrive as the page's form sends it; type it again."
NOT_CONFIRMED = "Hugging Face did not confirm this sign-in, so nobody was signed in; try again."
NO_ACCOUNT = "Hugging Face did not say which account this is, so nobody was signed in; try again."
NOT_REACHED = "Hugging Face does not answer just now, so nobody can sign in; try again in a minute."

NO_SPACE = (
    "The setting access.mode is huggingface, and this is no Space with OAuth ({missing} is not set), so anybody would "
    "be signed in as whoever runs it; push it by `clinicalblip space`, or take access.mode password."
)
NO_AUTHLIB = "Signing in with Hugging Face needs authlib and itsdangerous; pip install -r requirements.txt."
