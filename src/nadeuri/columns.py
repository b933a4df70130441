"""The one vocabulary: every column, field kind and metric name is written here and nowhere else."""

from __future__ import annotations

# --- clicks -----------------------------------------------------------------------------------
USER = "user"
ITEM = "item"  # a product code, in clicks and in the catalogue alike
TIME = "time"
SESSION = "session"

# --- catalogue --------------------------------------------------------------------------------
NAME = "name"
COUNTRY = "country"
CITY = "city"
CATEGORY = "category"
THEME = "theme"
PRICE_BAND = "price_band"
PRICE = "price"
NIGHTS = "nights"

ON_SALE = "on_sale"  # "Y" or "N"; a product without a word is on sale
TRIP = "trip"  # equal for products that differ by nothing but the departure
YES = "Y"

CLICKS = "clicks"  # training clicks on an item, in an exported catalogue

COHERENCE_FIELDS = (CITY, COUNTRY, CATEGORY)
"""The fields in which the mission asks a list to be coherent."""

# --- recommendations --------------------------------------------------------------------------
RANK = "rank"  # from 1
SCORE = "score"
HISTORY = "history"  # item indices, oldest first

# --- kinds of metadata field ------------------------------------------------------------------
CATEGORICAL = "categorical"
MULTI = "multi"
NUMERIC = "numeric"

# --- rejects files ----------------------------------------------------------------------------
REASON = "reason"
SOURCE_FILE = "source_file"
SOURCE_ROW = "source_row"
FIELD = "field"
VALUE = "value"

# --- models -----------------------------------------------------------------------------------
POPULARITY = "popularity"
MARKOV = "markov"
NCF = "ncf"
DEEPFM = "deepfm"
BERT4REC = "bert4rec"
META_BERT4REC = "meta_bert4rec"
SASREC = "sasrec"
META_SASREC = "meta_sasrec"
COOCCURRENCE = "cooccurrence"
PROD2VEC = "prod2vec"
META_PROD2VEC = "meta_prod2vec"
FOR_YOU = (POPULARITY, MARKOV, NCF, DEEPFM, SASREC, BERT4REC, META_SASREC, META_BERT4REC)
"""Models of what a traveller does next; simpler ones first."""
ALSO_VIEWED = (COOCCURRENCE, PROD2VEC, META_PROD2VEC)
"""Models of what is viewed beside a product; simpler ones first."""
MODELS = (*FOR_YOU, *ALSO_VIEWED)
ID_TWINS = {META_SASREC: SASREC, META_BERT4REC: BERT4REC, META_PROD2VEC: PROD2VEC}
"""Each model that reads metadata, and the same model without."""
SEQUENTIAL = (SASREC, BERT4REC, META_SASREC, META_BERT4REC)
"""The models that are a transformer over the sequence; the server can run these."""

# --- metrics (names without '@': an MLflow registry refuses it) ----------------------------------
NDCG = "ndcg"
RECALL = "recall"
MRR = "mrr"
COVERAGE = "coverage"
POPULARITY_PERCENTILE = "popularity_percentile"
GINI = "gini"


def at(metric: str, k: int) -> str:
    """``at("ndcg", 10) == "ndcg_at_10"``."""
    return f"{metric}_at_{k}"


def coherence(field: str) -> str:
    """Name of the share of a list that lies in its modal value of ``field``."""
    return f"coherence_{field}"


def entropy(field: str) -> str:
    """Name of the entropy (bits) of ``field`` in a list."""
    return f"entropy_{field}"
