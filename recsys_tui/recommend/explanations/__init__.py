"""Why an item stands where it stands for a person: causes, counterfactuals, shared terms, peers, sureness, words."""
