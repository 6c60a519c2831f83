"""Start the web page over the index named in the settings: ``python app.py``."""

from rag.controls import pictured
from rag.errors import RagError
from rag.web import serve

if __name__ == "__main__":
    try:
        serve()
    except RagError as error:
        raise SystemExit(pictured(str(error))) from None
