//! `--proto` and `--proto-redir`: which schemes may be called.

use crate::report::{Failure, USAGE};

/// A scheme that is not allowed: curl's.
const DISALLOWED: u8 = 1;

/// What curl knows by name, of which awsig speaks two.
const KNOWN: [&str; 29] = [
    "all", "dict", "file", "ftp", "ftps", "gopher", "gophers", "http", "https", "imap", "imaps", "ldap", "ldaps",
    "mqtt", "pop3", "pop3s", "rtmp", "rtsp", "scp", "sftp", "smb", "smbs", "smtp", "smtps", "telnet", "tftp", "ws",
    "wss", "ipfs",
];

/// Refuses the URL when its scheme is none of those that the lists leave.
pub(crate) fn check(url: &str, lists: &[Option<&str>]) -> Result<(), Failure> {
    let names = lists.iter().flatten().flat_map(|list| list.split(','));
    let mut names = names.map(|word| word.trim_start_matches(['+', '-', '=']).to_ascii_lowercase());
    if let Some(name) = names.find(|name| !name.is_empty() && !KNOWN.contains(&name.as_str())) {
        return Err(Failure::new(USAGE, format!("not a scheme: {name:?}"))
            .hint("--proto =https calls https only; the names are http, https and all"));
    }
    let scheme = url.split("://").next().unwrap_or_default().to_ascii_lowercase();
    match lists.iter().flatten().find(|list| !allows(list, &scheme)) {
        None => Ok(()),
        Some(list) => Err(Failure::new(DISALLOWED, format!("{scheme} is not among the schemes allowed: {list}"))
            .hint("write https:// in the URL, or leave --proto and --proto-redir out")),
    }
}

/// What curl makes of such a list: names are added, `-` takes one away, `=` all but one, from left to right; all are
/// there at the start.
fn allows(list: &str, scheme: &str) -> bool {
    let mut allowed = true;
    for word in list.split(',') {
        let name = word.trim_start_matches(['+', '-', '=']);
        let meant = name == "all" || name.eq_ignore_ascii_case(scheme);
        match word.get(..1) {
            Some("=") => allowed = meant,
            Some("-") if meant => allowed = false,
            _ if meant => allowed = true,
            _ => {}
        }
    }
    allowed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_from_left_to_right() {
        for (list, http, https) in [
            ("=https", false, true),
            ("=http,https", true, true),
            ("-http", false, true),
            ("-all,https", false, true),
            ("-all,+http", true, false),
            ("-ftp", true, true),
            ("=ftp", false, false),
            ("https", true, true),
            ("=all,-HTTP", false, true),
            ("", true, true),
        ] {
            assert_eq!((allows(list, "http"), allows(list, "https")), (http, https), "{list}");
        }
    }
}
