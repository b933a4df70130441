"""Parts of ``bench/understand.py``: how well and how fast travellers' questions are understood."""
