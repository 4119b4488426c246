"""getMarketplaceParticipations: where the partner sells."""

import requests


def test_participations(api: requests.Session) -> None:
    """Each marketplace comes with its shop, currency and language."""
    answer = api.get("/sellers/v1/marketplaceParticipations").json()

    assert answer == {
        "payload": [
            {
                "marketplace": {
                    "id": "ATVPDKIKX0DER",
                    "name": "Amazon.com",
                    "countryCode": "US",
                    "defaultCurrencyCode": "USD",
                    "defaultLanguageCode": "en_US",
                    "domainName": "www.amazon.com",
                },
                "storeName": "Simulated Store",
                "participation": {"isParticipating": True, "hasSuspendedListings": False},
            }
        ]
    }
