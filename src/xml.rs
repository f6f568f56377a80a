//! The little that is needed of XML: the text of one element, in the answers of STS and S3.

use alloc::string::String;
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;

/// The text of the first element of this name, without its namespace prefix; `None` without one, or if the document is
/// not well-formed up to its end.
pub(crate) fn text_of(document: &str, element: &str) -> Option<String> {
    let mut reader = Reader::from_str(document);
    let mut text = String::new();
    let mut inside = false;
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => inside = start.local_name().as_ref() == element.as_bytes(),
            Event::Text(piece) if inside => text.push_str(&piece.decode().ok()?),
            Event::CData(piece) if inside => text.push_str(&piece.decode().ok()?),
            Event::GeneralRef(reference) if inside => match reference.resolve_char_ref().ok()? {
                Some(character) => text.push(character),
                None => text.push_str(resolve_xml_entity(&reference.decode().ok()?)?),
            },
            Event::End(end) if inside && end.local_name().as_ref() == element.as_bytes() => {
                return Some(text.trim().into());
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_found_by_name() {
        let document = "<?xml version=\"1.0\"?><R xmlns=\"x\"><Credentials><AccessKeyId>A&amp;B&#67;</AccessKeyId>\
                        <ns:Token> t/+= </ns:Token><Empty/></Credentials></R>";
        assert_eq!(text_of(document, "AccessKeyId").as_deref(), Some("A&BC"));
        assert_eq!(text_of(document, "Token").as_deref(), Some("t/+="));
        assert_eq!(text_of(document, "Empty"), None);
        assert_eq!(text_of(document, "Missing"), None);
        assert_eq!(text_of("<A>x", "A"), None);
        assert_eq!(text_of("no xml", "A"), None);
    }
}
