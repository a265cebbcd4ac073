//! Responses.

use rollcall::http::Response;
use serde_json::Value;

/// A response, and the checks that all responses have to pass.
pub struct Answer(pub Response);

impl Answer {
    /// The status code.
    pub fn status(&self) -> u16 {
        self.0.status
    }

    /// The first header with this name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.headers().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// The body, which is JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(self.0.body.as_deref().unwrap()).unwrap()
    }

    /// The body of a 201.
    pub fn created(&self) -> Value {
        assert_eq!(self.status(), 201, "{}", self.json());
        self.json()
    }

    /// Status and error code of a refusal, which always has a description and reaches browsers.
    pub fn refusal(&self) -> (u16, String) {
        let body = self.json();
        let description = body["error_description"].as_str().unwrap();
        let sound = |c: char| c == ' ' || (c.is_ascii_graphic() && c != '"' && c != '\\');
        assert!(!description.is_empty() && description.chars().all(sound), "{description}");
        assert_eq!(self.header("access-control-allow-origin"), Some("*"));
        self.refusal_anywhere()
    }

    /// The same where pages on other origins must not read it.
    pub fn refusal_off_browsers(&self) -> (u16, String) {
        assert_eq!(self.header("access-control-allow-origin"), None);
        assert_eq!(self.header("access-control-expose-headers"), None);
        self.refusal_anywhere()
    }

    fn refusal_anywhere(&self) -> (u16, String) {
        let body = self.json();
        assert_eq!(self.header("content-type"), Some("application/json"));
        assert_eq!(self.header("cache-control"), Some("no-store"));
        (self.status(), body["error"].as_str().unwrap().to_owned())
    }

    /// Status, and pointer and rule of every problem.
    pub fn problems(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let body = self.json();
        let errors = body["errors"].as_array().unwrap_or_else(|| panic!("no errors in {body}"));
        errors.iter().map(|error| (text(&error["member"]), text(&error["rule"]))).collect()
    }
}
