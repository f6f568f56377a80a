//! `<Error>…</Error>`, wherever in the document it stands.

use super::fields::{Fields, MAX_TEXT};
use alloc::string::String;
use quick_xml::Reader;
use quick_xml::escape::resolve_xml_entity;
use quick_xml::events::Event;

/// Reads what is before the first thing that is no XML.
pub(super) fn read(text: &str, fields: &mut Fields) {
    let mut reader = Reader::from_str(text);
    let (mut name, mut value) = (String::new(), String::new());
    let add = |value: &mut String, piece: &str| {
        if value.len() + piece.len() <= MAX_TEXT {
            value.push_str(piece);
        }
    };
    loop {
        match reader.read_event() {
            Ok(Event::Start(start)) => {
                name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
                value.clear();
            }
            Ok(Event::Text(text)) => add(&mut value, &text.decode().unwrap_or_default()),
            Ok(Event::CData(text)) => add(&mut value, &text.decode().unwrap_or_default()),
            Ok(Event::GeneralRef(reference)) => match reference.resolve_char_ref() {
                Ok(Some(character)) => add(&mut value, character.encode_utf8(&mut [0; 4])),
                _ => {
                    let name = reference.decode().unwrap_or_default();
                    add(&mut value, resolve_xml_entity(&name).unwrap_or_default());
                }
            },
            Ok(Event::End(_)) => {
                fields.host_id |= name.eq_ignore_ascii_case("HostId");
                fields.set(&name, &value);
                name.clear();
                value.clear();
            }
            Ok(Event::Eof) | Err(_) => return,
            Ok(_) => {}
        }
    }
}
