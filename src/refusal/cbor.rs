//! CBOR (RFC 8949): a map with `__type` and `message`.

use super::fields::Fields;
use alloc::string::String;
use minicbor::Decoder;
use minicbor::data::Type;

/// How many members are looked at; a refusal has three.
const MEMBERS: u64 = 64;

pub(super) fn read(bytes: &[u8], fields: &mut Fields) {
    // What was read before something broke counts.
    let _ = map(&mut Decoder::new(bytes), fields);
}

fn map(decoder: &mut Decoder<'_>, fields: &mut Fields) -> Result<(), minicbor::decode::Error> {
    let count = decoder.map()?.unwrap_or(MEMBERS).min(MEMBERS);
    for _ in 0..count {
        if decoder.datatype()? == Type::Break {
            break;
        }
        let name = text(decoder)?;
        match (decoder.datatype()?, name) {
            (Type::String | Type::StringIndef, Some(name)) => {
                let value = text(decoder)?.unwrap_or_default();
                fields.set(&name, &value);
            }
            _ => decoder.skip()?,
        }
    }
    Ok(())
}

/// A text, in one piece or in several; `None` if there is something else, which is skipped.
fn text(decoder: &mut Decoder<'_>) -> Result<Option<String>, minicbor::decode::Error> {
    match decoder.datatype()? {
        Type::String => Ok(Some(decoder.str()?.into())),
        Type::StringIndef => {
            let mut whole = String::new();
            for piece in decoder.str_iter()? {
                whole.push_str(piece?);
            }
            Ok(Some(whole))
        }
        _ => {
            decoder.skip()?;
            Ok(None)
        }
    }
}
