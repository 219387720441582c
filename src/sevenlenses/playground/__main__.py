"""`python -m sevenlenses.playground` trains what the page needs and lacks: about three minutes on one core."""

from .training import DIETS
from .weights import SEEDS, is_fresh, make

if __name__ == "__main__":
    for diet in DIETS:
        for seed in SEEDS:
            said = "is there" if is_fresh(diet, seed) else f"written: {make(diet, seed).stat().st_size // 1000} kB"
            print(f"{diet}, seed {seed}: {said}", flush=True)
