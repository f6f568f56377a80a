//! The grammar of `~/.aws/config` and `~/.aws/credentials`.
//!
//! ```text
//! [profile dev]            a section; what follows "]" may be a comment
//! region = eu-west-1 # x   a property; a comment needs a blank before it
//! role_arn = arn:aws:      its value goes on
//!   iam::1:role/x          in lines that begin with a blank
//! s3 =                     an empty value
//!   max_requests = 20      and then properties of the property
//! ```
//!
//! This is what the AWS SDKs for Rust, Java and Go read, and two things that only botocore does: `:` in place of `=`, and a
//! byte order mark. Sections and properties that occur twice are merged, the last one wins.

use alloc::borrow::ToOwned;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use zeroize::Zeroizing;

/// A section as it stands in the file.
#[derive(Debug)]
pub(super) struct Section {
    /// What is between the brackets.
    pub(super) header: String,
    pub(super) properties: Vec<Property>,
}

/// A property; its value may be secret, so `Debug` shows the key only.
#[derive(Clone)]
pub(super) struct Property {
    /// In lower case.
    pub(super) key: String,
    pub(super) value: Zeroizing<String>,
    /// The properties of the property.
    pub(super) nested: Vec<(String, String)>,
}

impl fmt::Debug for Property {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Property").field("key", &self.key).finish_non_exhaustive()
    }
}

/// Where a file breaks the grammar, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IniError {
    line: usize,
    fault: IniFault,
}

/// How a line breaks the grammar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum IniFault {
    /// The file is no UTF-8.
    Encoding,
    /// A section is not closed by `]`, or more than a comment follows.
    Section,
    /// A property stands before the first section.
    Homeless,
    /// A line has no `=`.
    Separator,
    /// A property has no name.
    Key,
    /// A line begins with a blank, and there is nothing it could continue.
    Continuation,
}

impl IniError {
    /// The number of the line, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// What is wrong there.
    pub fn fault(&self) -> IniFault {
        self.fault
    }
}

impl fmt::Display for IniError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fault = match self.fault {
            IniFault::Encoding => return formatter.write_str("the file is no UTF-8 text"),
            IniFault::Section => "a section must be closed by ] at the end of its line",
            IniFault::Homeless => "a property before the first [section]",
            IniFault::Separator => "expected name = value",
            IniFault::Key => "a value without a name",
            IniFault::Continuation => "a line that begins with a blank, and nothing that it continues",
        };
        write!(formatter, "line {}: {fault}", self.line)
    }
}

impl core::error::Error for IniError {}

const BLANK: [char; 2] = [' ', '\t'];

/// What the next line that begins with a blank would continue.
#[derive(PartialEq, Eq)]
enum Open {
    Nothing,
    Value,
    /// A property whose name cannot be used: read and dropped.
    Dropped,
}

/// Reads a file.
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<Section>, IniError> {
    let text = core::str::from_utf8(bytes).map_err(|_| IniError { line: 1, fault: IniFault::Encoding })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut sections: Vec<Section> = Vec::new();
    let mut open = Open::Nothing;
    for (index, line) in text.lines().enumerate() {
        let fail = |fault| IniError { line: index.saturating_add(1), fault };
        if line.trim_matches(BLANK).is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(rest) = line.strip_prefix('[') {
            let (header, after) = rest.split_once(']').ok_or_else(|| fail(IniFault::Section))?;
            if !after.trim_matches(BLANK).is_empty() && !after.trim_start_matches(BLANK).starts_with(['#', ';']) {
                return Err(fail(IniFault::Section));
            }
            sections.push(Section { header: header.trim_matches(BLANK).to_owned(), properties: Vec::new() });
            open = Open::Nothing;
        } else if line.starts_with(BLANK) {
            let property = sections.last_mut().and_then(|section| section.properties.last_mut());
            match (&open, property) {
                (Open::Value, Some(property)) => resume(property, line.trim_matches(BLANK)).map_err(fail)?,
                (Open::Dropped, _) => {}
                _ => return Err(fail(IniFault::Continuation)),
            }
        } else {
            let section = sections.last_mut().ok_or_else(|| fail(IniFault::Homeless))?;
            let (key, value) = split(without_comment(line)).map_err(fail)?;
            open = if is_name(&key) { Open::Value } else { Open::Dropped };
            if open == Open::Value {
                let value = Zeroizing::new(value.to_owned());
                // The last one wins, and is the one that following lines continue.
                section.properties.retain(|other| other.key != key);
                section.properties.push(Property { key, value, nested: Vec::new() });
            }
        }
    }
    Ok(sections)
}

fn resume(property: &mut Property, text: &str) -> Result<(), IniFault> {
    if property.value.is_empty() {
        let (key, value) = text.split_once('=').ok_or(IniFault::Separator)?;
        let key = key.trim_matches(BLANK);
        if key.is_empty() {
            return Err(IniFault::Key);
        }
        property.nested.retain(|(other, _)| other != key);
        property.nested.push((key.to_owned(), value.trim_matches(BLANK).to_owned()));
    } else {
        property.value.push('\n');
        property.value.push_str(text);
    }
    Ok(())
}

/// Name, in lower case, and value.
fn split(line: &str) -> Result<(String, &str), IniFault> {
    let equals = line.split_once('=');
    let usable = equals.filter(|(key, _)| is_name(key.trim_matches(BLANK)));
    let (key, value) = usable.or_else(|| line.split_once(':')).or(equals).ok_or(IniFault::Separator)?;
    let key = key.trim_matches(BLANK);
    if key.is_empty() {
        return Err(IniFault::Key);
    }
    Ok((key.to_ascii_lowercase(), value.trim_matches(BLANK)))
}

/// What comes before ` #` or ` ;`.
fn without_comment(line: &str) -> &str {
    let mut before = ' ';
    for (at, letter) in line.char_indices() {
        if matches!(letter, '#' | ';') && BLANK.contains(&before) {
            return line.get(..at).unwrap_or(line);
        }
        before = letter;
    }
    line
}

/// Whether this may name a profile or a property.
pub(super) fn is_name(text: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_-/.%@:+".contains(&byte);
    !text.is_empty() && text.bytes().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::format;
    use alloc::string::ToString;

    /// `header|key=value|key=value|nested.key=value`, a line per section.
    fn read(text: &str) -> String {
        let mut told = String::new();
        for section in parse(text.as_bytes()).unwrap() {
            told += &section.header;
            for property in section.properties {
                told += &format!("|{}={}", property.key, property.value.replace('\n', "\\n"));
                for (key, value) in property.nested {
                    told += &format!("|.{key}={value}");
                }
            }
            told.push('\n');
        }
        told
    }

    fn fault(text: &str) -> (usize, IniFault) {
        let error = parse(text.as_bytes()).unwrap_err();
        (error.line(), error.fault())
    }

    #[test]
    fn comments_blanks_and_case() {
        assert_eq!(read(""), "");
        assert_eq!(read("# x\n; y\n\n \t\n[a]\n"), "a\n");
        assert_eq!(read("\u{feff}[ a\t]\r\nKey = V 1 \r\n"), "a|key=V 1\n");
        assert_eq!(read("[a];x\n[b] # x\n[c]\t\n"), "a\nb\nc\n");
        assert_eq!(read("[a]\nk = v ; x\nl = v; x\nm = #x\nn = v\t#x\no=a#b\n"), "a|k=v|l=v; x|m=|n=v|o=a#b\n");
        assert_eq!(read("[a]\nk=a=b\nl =\n"), "a|k=a=b|l=\n");
        assert_eq!(read("[a]\nk: v\nurl: http://x?a=b\nr : arn:aws:x\n"), "a|k=v|url=http://x?a=b|r=arn:aws:x\n");
    }

    #[test]
    fn values_go_on_and_nest() {
        assert_eq!(read("[a]\nk = v\n  more # kept\n\n\tand more\n"), "a|k=v\\nmore # kept\\nand more\n");
        assert_eq!(read("[a]\ns3 =\n  x = 1\n\n  Y= 2 = 3\n  x=4\nk=v\n"), "a|s3=|.Y=2 = 3|.x=4|k=v\n");
        assert_eq!(read("[a]\nb c = v\n  more\nk = v\n"), "a|k=v\n");
    }

    #[test]
    fn the_last_of_two_wins_and_is_the_one_that_goes_on() {
        assert_eq!(read("[a]\nk=1\nl=2\nK=3\n  4\n"), "a|l=2|k=3\\n4\n");
        assert_eq!(read("[a]\nk=1\n[a]\nk=2\n"), "a|k=1\na|k=2\n");
    }

    #[test]
    fn what_breaks_the_grammar_is_placed() {
        use IniFault::{Continuation, Encoding, Homeless, Key, Section, Separator};
        for (text, expected) in [
            ("[a\n", (1, Section)),
            ("[a] b\n", (1, Section)),
            ("\nk = v\n", (2, Homeless)),
            (" k = v\n", (1, Continuation)),
            ("[a]\n k = v\n", (2, Continuation)),
            ("[a]\nk = v\n[b]\n more\n", (4, Continuation)),
            ("[a]\nkey\n", (2, Separator)),
            ("[a]\n= v\n", (2, Key)),
            ("[a]\nk =\n  sub\n", (3, Separator)),
            ("[a]\nk =\n  = v\n", (3, Key)),
        ] {
            assert_eq!(fault(text), expected, "{text:?}");
        }
        assert_eq!(parse(b"[a]\nk = \xff\n").unwrap_err().fault(), Encoding);
        assert_eq!(parse(b"[a]\n\nSENTINEL").unwrap_err().to_string(), "line 3: expected name = value");
    }

    #[test]
    fn debug_shows_no_value() {
        let shown = format!("{:?}", parse(b"[a]\nk = SENTINEL\nn =\n  x = SENTINEL\n").unwrap());
        assert!(shown.contains('k') && !shown.contains("SENTINEL"), "{shown}");
    }
}
