"""A recommender made of noisy statistics alone: what it says hardly depends on whether any one person was there."""
