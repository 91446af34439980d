"""Evaluates the recommender on made-up people with known truth. Nothing here runs on the site."""
