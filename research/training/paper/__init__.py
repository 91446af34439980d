"""The paper's experiment on JAFFE, also with a split by people, under which its figures do not hold."""
