"""Online A/B tests: who gets what, lists that two arms make together, what may be concluded at any look."""
