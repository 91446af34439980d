"""Made-up people with known truth, and how well the recommender does for them. Nothing here runs on the site."""
