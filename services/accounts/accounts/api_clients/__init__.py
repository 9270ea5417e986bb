"""Downstream systems at the API: access tokens by client credentials, judged anew at each request."""
