"""The parts of the tab in which documents are added, looked at and taken out."""

from __future__ import annotations

from typing import Any

import gradio as gr

from rag.web.documents.catalogue import View
from rag.web.documents.events import Events
from rag.web.documents.folders import Folders
from rag.web.documents.looking import Looking
from rag.web.documents.shelves import Shelves
from rag.web.frame import Frame, Tab
from rag.web.texts.documents import DOCUMENT_TEXTS
from rag.web.texts.text import Text

_SECONDS = 0.7
"""Between two looks at what is being done."""
_FOLDER_SECONDS = 2.0
"""The same for folders that are watched."""
_ON_LOAD = """shioriDocuments.connect(element, trigger, watch, upload); /* 'add_files' 'stop_update' 'update_again'
'forget_files' 'sort_documents' 'turn_page' 'open_document' 'close_document' 'remove_document' 'take_back'
'discard_file' 'choose_library' 'add_library' 'rename_library' 'empty_library' 'remove_library' 'watch_folder'
'pause_folder' 'resume_folder' 'look_at_folder' 'unwatch_folder' */"""


def add_documents(frame: Frame) -> None:
    """Add the parts to the tab being built."""
    events = Events(frame.libraries, frame.page.upload_file_set, frame.roots)
    shelves, looking = Shelves(frame.libraries, events), Looking(events)
    html: dict[str, Any] = {"js_on_load": _ON_LOAD, "apply_default_css": False}
    now: dict[str, Any] = {"queue": False, "trigger_mode": "multiple", **frame.quiet}
    texts = DOCUMENT_TEXTS["ja"]
    view, seen, timer = gr.State(View()), gr.State(-1), gr.Timer(_SECONDS, active=False)
    with gr.Column(elem_id="shiori-documents"):
        libraries = gr.HTML(elem_id="shiori-doc-libraries", **html)
        adding = gr.HTML(elem_id="shiori-doc-add", **html)
        naming = gr.HTML(elem_id="shiori-doc-watch", **html)
        watched = gr.HTML(elem_id="shiori-doc-folders", **html)
        progress = gr.HTML(elem_id="shiori-doc-progress", **html)
        words = gr.Textbox(
            label=texts.filter_label,
            elem_id="shiori-doc-filter",
            container=False,
            max_lines=1,
            max_length=200,
        )
        listed = gr.HTML(elem_id="shiori-doc-list", **html)
        contents = gr.HTML(elem_id="shiori-doc-contents", **html)

    everything = [progress, timer, listed, seen]
    language = frame.language
    frame.beginning.add(shelves.start, [view], [libraries])
    frame.beginning.add(events.start, [view], [adding, words, *everything])
    timer.tick(events.tick, [view, seen, language], everything, queue=False, **frame.quiet)
    adding.add_files(events.add_files, [view, language], [progress, timer], **now)
    progress.stop_update(events.stop_update, [view, language], [progress, timer], **now)
    progress.update_again(events.update_again, [view, language], [progress, timer], **now)
    progress.forget_files(events.forget_files, [view, language], [progress, timer], **now)
    words.change(
        events.filter_documents,
        [words, view, language],
        [view, listed],
        queue=False,
        trigger_mode="always_last",
        **frame.quiet,
    )
    listed.sort_documents(events.sort_documents, [view, language], [view, listed], **now)
    listed.turn_page(events.turn_page, [view, language], [view, listed], **now)
    for part in (listed, contents):
        part.open_document(looking.open_document, [view, language], contents, **now)
    contents.close_document(looking.close_document, None, contents, **now)
    listed.remove_document(events.remove_document, [view, language], everything, **now)
    listed.take_back(events.take_back, [view, language], everything, **now)
    with_library = [view, libraries, adding, contents, *everything]
    libraries.choose_library(shelves.choose, [view, language], with_library, **now)
    libraries.add_library(shelves.add, [view, language], with_library, **now)
    libraries.rename_library(shelves.rename, [view, language], with_library, **now)
    emptied = libraries.empty_library(shelves.empty, [view, language], with_library, **now)
    libraries.remove_library(shelves.remove, [view, language], with_library, **now)
    listed.discard_file(events.discard_file, [view, language], everything, **now)
    _add_folders(frame, Folders(events), view, (naming, watched), (timer, seen), emptied)


def _add_folders(
    frame: Frame, folders: Folders, view: gr.State, parts: tuple[Any, Any], updates: tuple[Any, Any], emptied: Any
) -> None:
    """Have folders watched: where they are named, and the list of them.

    Args:
        frame: the page around the tab.
        folders: what happens.
        view: which library is shown.
        parts: the two parts.
        updates: the timer of what is being done, and what is shown of that.
        emptied: the event after which a library has no folders any more.
    """
    (naming, watched), (timer, updates_seen) = parts, updates
    now: dict[str, Any] = {"queue": False, "trigger_mode": "multiple", **frame.quiet}
    seen, looking = gr.State(""), gr.Timer(_FOLDER_SECONDS, active=False)
    shown = [naming, watched, looking, seen, timer]
    frame.beginning.add(folders.start, [view], shown)
    look = [view, seen, updates_seen, frame.language]
    looking.tick(folders.tick, look, [watched, looking, seen, timer], queue=False, **frame.quiet)
    naming.watch_folder(folders.watch_folder, [view, frame.language], shown, **now)
    for event in ("pause_folder", "resume_folder", "look_at_folder", "unwatch_folder"):
        getattr(watched, event)(getattr(folders, event), [view, frame.language], shown, **now)
    view.change(folders.show, [view, frame.language], shown, **now)
    emptied.then(folders.show, [view, frame.language], shown, queue=False, **frame.quiet)


TAB = Tab(
    "documents",
    Text(ja="文書", en="Documents").said,
    add_documents,
    styles=("documents.css", "folders.css", "overview.css", "shelves.css"),
    scripts=("documents.js",),
)
