"""The interaction model, the deep model and the closed-form experts, behind one contract."""
