"""The paper's experiment on JAFFE, beside a split its figures do not survive: people on one side only."""
