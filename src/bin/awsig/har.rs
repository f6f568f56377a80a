//! HAR 1.2, as browsers save it: the first signed request in it.

use crate::captured::{Captured, unreadable};
use crate::report::Failure;
use serde_json::Value;

/// Reads a whole file, one of its entries, or the `request` of one.
pub(crate) fn parse(bytes: &[u8]) -> Result<Captured, Failure> {
    let value: Value =
        serde_json::from_slice(bytes).map_err(|error| unreadable(format!("the HAR file is no JSON: {error}")))?;
    let entries = value.pointer("/log/entries").or_else(|| value.get("entries")).unwrap_or(&value);
    let captured: Vec<Captured> = match entries {
        Value::Array(entries) => entries.iter().filter_map(request).collect(),
        entry => request(entry).into_iter().collect(),
    };
    let signed = |request: &Captured| {
        request.header("authorization").is_some() || request.target.to_ascii_lowercase().contains("x-amz-signature=")
    };
    let at = captured.iter().position(signed).unwrap_or_default();
    captured
        .into_iter()
        .nth(at)
        .ok_or_else(|| unreadable("the JSON holds no request").hint("a HAR file has log.entries[].request"))
}

fn request(entry: &Value) -> Option<Captured> {
    let request = entry.get("request").unwrap_or(entry);
    let text = |value: &Value, name: &str| Some(value.get(name)?.as_str()?.to_owned());
    let headers = request.get("headers").and_then(Value::as_array);
    let headers =
        headers.into_iter().flatten().filter_map(|header| Some((text(header, "name")?, text(header, "value")?)));
    Some(Captured {
        method: text(request, "method")?,
        target: text(request, "url")?,
        headers: headers.collect(),
        body: Some(request.get("postData").and_then(|data| text(data, "text")).unwrap_or_default().into_bytes()),
    })
}
