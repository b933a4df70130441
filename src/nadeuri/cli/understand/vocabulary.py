"""``nadeuri understand vocabulary``: words that an encoder's tokenizer cannot read, added to it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from nadeuri.understand.vocabulary.scan import Mode


@click.command("vocabulary")
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True),
    required=True,
    help="Labelled questions, or a text file (.txt) of one sentence per line.",
)
@click.option(
    "--encoder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help="Folder of a Hugging Face model with its tokenizer.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Write the extended pair here.")
@click.option(
    "--mode",
    type=click.Choice(["both", "tokens", "syllables"]),
    default="both",
    show_default=True,
    help="Add frequent words, missing characters, or both.",
)
@click.option(
    "--min-count",
    type=click.IntRange(min=1),
    default=2,
    show_default=True,
    help="Rarer words are left to their pieces.",
)
@click.option(
    "--max-words", type=click.IntRange(min=0), default=1000, show_default=True, help="At most."
)
@click.option(
    "--top", type=click.IntRange(min=0), default=30, show_default=True, help="Words shown."
)
def command(
    data: Path,
    encoder: Path,
    out: Path | None,
    mode: Mode,
    min_count: int,
    max_words: int,
    top: int,
) -> None:
    """Rank the words that become [UNK] or shreds, and add them to tokenizer and model together.

    Without --out nothing is written: the table and the rates show what an extension would do. The
    folder written with --out is an encoder.path to train on: the new rows have to be learned.

    \b
    Example: nadeuri understand vocabulary --data work/sample --encoder encoders/distilkobert
    Example: nadeuri understand vocabulary --data chats.txt --encoder encoders/distilkobert \\
             --out encoders/distilkobert-travel --min-count 5
    """
    from nadeuri.cli.table import format_table
    from nadeuri.cli.understand.inputs import questions_of
    from nadeuri.understand.exchange.imported import lines_of
    from nadeuri.understand.vocabulary.extend import extend
    from nadeuri.understand.vocabulary.nouns import nouns
    from nadeuri.understand.vocabulary.pair import load_pair, save_pair
    from nadeuri.understand.vocabulary.scan import check, choose, scan, unknown_rate

    is_text = data.suffix == ".txt"
    texts = lines_of(data) if is_text else [question.text for question in questions_of(data)]
    model, tokenizer = load_pair(encoder)
    check(tokenizer)
    before = unknown_rate(texts, tokenizer)
    found = scan(texts, tokenizer, nouns())
    rows = [
        [word.text, word.count, word.kind, "".join(word.unknown), word.example]
        for word in found.words[:top]
    ]
    click.echo(format_table(["word", "count", "kind", "no piece for", "example"], rows))
    if len(found.words) > top:
        click.echo(f"and {len(found.words) - top:,} more (--top shows them)")
    extension = extend(
        model, tokenizer, choose(found, mode=mode, min_count=min_count, max_words=max_words)
    )
    after = unknown_rate(texts, tokenizer)
    click.echo()
    rates = [
        [name, f"{rate.words:.2%}", f"{rate.sentences:.2%}"]
        for name, rate in (("before", before), ("after", after))
    ]
    click.echo(format_table(["unknown", "of words", "of sentences"], rates))
    click.echo(f"{len(extension.pieces):,} new pieces")
    if extension.skipped:
        click.echo(f"not a single token to this tokenizer: {', '.join(extension.skipped[:top])}")
    if out:
        click.echo(f"encoder: {save_pair(out, model, tokenizer).path}")
