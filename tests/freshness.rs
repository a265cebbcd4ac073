//! How long a fetched document is fresh.

use rollcall::issuer::Freshness;
use rollcall::runtime::Fetched;
use rollcall::service::documents::{Lifetime, lifetime};

const BOUNDS: Freshness = Freshness { least: 300, usual: 3_600, most: 86_400 };
/// Sun, 06 Nov 1994 08:49:37 GMT
const NOW: u64 = 784_111_777;

#[test]
fn lifetime_follows_http_within_the_bounds() {
    for (headers, seconds, may_be_stored) in [
        (&[][..], 3_600, true),
        (&[("cache-control", "max-age=600")], 600, true),
        (&[("cache-control", "public, MAX-AGE=\"600\"")], 600, true),
        (&[("cache-control", "max-age=0")], 300, true),
        (&[("cache-control", "max-age=99999999")], 86_400, true),
        (&[("cache-control", "max-age=600, s-maxage=900")], 900, true),
        (&[("cache-control", "max-age=600, max-age=900")], 300, true),
        (&[("cache-control", "max-age=soon")], 300, true),
        (&[("cache-control", "no-cache, max-age=900")], 300, true),
        (&[("cache-control", "no-store, max-age=900")], 300, false),
        (&[("cache-control", "private")], 300, false),
        (&[("vary", "accept, *")], 300, false),
        (&[("vary", "accept")], 3_600, true),
        (&[("cache-control", "max-age=900"), ("age", "200")], 700, true),
        (&[("cache-control", "max-age=900"), ("age", "900")], 300, true),
        (&[("expires", "Sun, 06 Nov 1994 09:49:38 GMT")], 3_601, true),
        (&[("expires", "Sun, 06 Nov 1994 08:49:37 GMT")], 300, true),
        (&[("expires", "0")], 300, true),
        (&[("cache-control", "max-age=700"), ("expires", "0")], 700, true),
    ] {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let fetched = Fetched { status: 200, headers: headers.collect(), body: Vec::new() };
        let expected = Lifetime { seconds, may_be_stored };
        assert_eq!(lifetime(&fetched, NOW, BOUNDS), expected, "{:?}", fetched.headers);
    }
}
