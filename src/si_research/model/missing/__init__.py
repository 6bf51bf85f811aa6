"""Missing scores: imputation that fits the model of the study, and pooling by Rubin's rules."""
