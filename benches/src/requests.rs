//! The requests that are signed.

use awsig::{Credentials, Payload, Request, Scope, Signer, Timestamp};

pub const KEY_ID: &str = "AKIAIOSFODNN7EXAMPLE";
pub const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
pub const REGION: &str = "us-east-1";
pub const SERVICE: &str = "execute-api";
/// The size of a chunk.
pub const CHUNK: usize = 8192;
pub const UNIX_TIME: u64 = 1_440_938_160;

/// One request, with names for the groups it appears in.
#[derive(Debug)]
pub struct Case {
    pub sign: &'static str,
    pub cold: &'static str,
    pub presign: &'static str,
    pub verify: &'static str,
    pub method: &'static str,
    pub url: String,
    pub headers: Vec<(&'static str, &'static str)>,
    pub body: Vec<u8>,
    pub token: Option<String>,
}

impl Case {
    /// The three requests; they live as long as the process.
    pub fn all() -> [&'static Self; 3] {
        static CASES: std::sync::OnceLock<[Case; 3]> = std::sync::OnceLock::new();
        let [a, b, c] = CASES.get_or_init(|| [Self::a(), Self::b(), Self::c()]);
        [a, b, c]
    }

    /// GET with a session token of 1 KB, as instances and Lambda functions have it.
    fn a() -> Self {
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let token = (0..1022_usize).map(|at| char::from(alphabet[(at * 37 + at / 7) % 64])).chain("==".chars());
        Self {
            sign: "sign a",
            cold: "sign a, cold key",
            presign: "presign a",
            verify: "verify a",
            method: "GET",
            url: "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod/reservations/1234?limit=50&sort=date"
                .into(),
            headers: vec![("accept", "application/json")],
            body: Vec::new(),
            token: Some(token.collect()),
        }
    }

    /// POST of 1 KiB of JSON.
    fn b() -> Self {
        let mut body = br#"{"customer":"1234","items":["#.to_vec();
        while body.len() < 1000 {
            body.extend_from_slice(br#"{"sku":"A-1001","count":2},"#);
        }
        body.resize(1022, b' ');
        body.extend_from_slice(b"]}");
        Self {
            sign: "sign b",
            cold: "sign b, cold key",
            presign: "presign b",
            verify: "verify b",
            method: "POST",
            url: "https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod/reservations".into(),
            headers: vec![
                ("content-type", "application/json"),
                ("accept", "application/json"),
                ("x-amz-target", "Reservations_20230101.PutReservation"),
            ],
            body,
            token: None,
        }
    }

    /// GET with 15 headers and 20 query parameters whose values have to be encoded.
    fn c() -> Self {
        let mut url =
            String::from("https://a1b2c3d4e5.execute-api.us-east-1.amazonaws.com/prod/search/reservations/all?");
        for number in 0..20 {
            let separator = if number == 0 { "" } else { "&" };
            url.push_str(&format!("{separator}filter.{:02}=name:caf%C3%A9/{number}%20and%2For+more", number * 7 % 20));
        }
        Self {
            sign: "sign c",
            cold: "sign c, cold key",
            presign: "presign c",
            verify: "verify c",
            method: "GET",
            url,
            headers: vec![
                ("Accept", "application/json, text/plain;q=0.9, */*;q=0.1"),
                ("Accept-Encoding", "gzip, deflate, br"),
                ("Accept-Language", "en-GB,en;q=0.9,de;q=0.8"),
                ("Cache-Control", "no-cache"),
                ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
                ("If-Modified-Since", "Sat, 29 Aug 2015 12:36:00 GMT"),
                ("If-None-Match", "\"33a64df551425fcc55e4d42a148795d9f25f89d4\""),
                ("Origin", "https://reservations.example.com"),
                ("Pragma", "no-cache"),
                ("Referer", "https://reservations.example.com/search?page=2"),
                ("X-Amz-Meta-Purpose", "benchmark of signing"),
                ("X-Amz-Meta-Team", "parking and rates"),
                ("X-Api-Version", "2015-08-30"),
                ("X-Correlation-Id", "6f1c2d3e-4b5a-6978-8796-a5b4c3d2e1f0"),
                ("X-Request-Id", "0f9e8d7c-6b5a-4938-2716-05f4e3d2c1b0"),
            ],
            body: Vec::new(),
            token: None,
        }
    }

    /// For signers that leave it to their callers to encode.
    #[cfg(feature = "peers")]
    pub fn encoded_url(&self) -> String {
        self.url.replace('+', "%2B").replace("name:", "name%3A").replace("%A9/", "%A9%2F")
    }

    pub fn request(&self) -> Request<'_> {
        let request = Request::new(self.method, &self.url).and_then(|request| request.with_headers(&self.headers));
        request.expect("a good request").payload(Payload::Bytes(&self.body))
    }

    pub fn credentials(&self) -> Credentials {
        let credentials = Credentials::new(KEY_ID, SECRET).expect("good credentials");
        credentials.with_token(self.token.clone().unwrap_or_default()).expect("a good token")
    }

    pub fn scope() -> Scope {
        let time = Timestamp::from_unix(UNIX_TIME.cast_signed()).expect("a good time");
        Scope::new(time, REGION, SERVICE).expect("a good scope")
    }

    pub fn signer(&self) -> Signer {
        Signer::new(&self.credentials(), Self::scope())
    }
}
