"""Parts of ``bench/coview.py``: also-viewed models against each other and against gensim."""
