"""The classic recommenders that the deep model is compared with, all behind the one contract."""
