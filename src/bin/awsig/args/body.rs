//! What makes the body: curl's family of `-d`, `-F` and `-T`.

use clap::{Arg, ArgAction, ArgMatches, Command, FromArgMatches};
use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

/// Stands for the value of `--data-binary` when it has none; no argument can hold a NUL.
const BARE: &str = "\0";

#[derive(Debug, Default, clap::Args)]
pub(crate) struct BodyArgs {
    #[command(flatten)]
    pub(crate) data: Data,
    /// Put the data of -d and its kin into the query of the URL, and send a GET
    #[arg(short = 'G', long)]
    pub(crate) get: bool,
    #[command(flatten)]
    pub(crate) form: Form,
    /// Upload this file with PUT; - is standard input; a URL that ends with / gets the file's name
    ///
    /// A pipe is kept in a temporary file (TMPDIR) before it is sent, since its hash, and for S3 its length, comes first. With
    /// -H 'content-length: N' it goes to S3 as it is read, in signed chunks.
    #[arg(short = 'T', long = "upload-file", value_name = "FILE", conflicts_with_all = ["data", "form"])]
    pub(crate) upload: Option<PathBuf>,
}

/// The pieces of a body, in the order in which they were typed.
#[derive(Debug, Default)]
pub(crate) struct Data(pub(crate) Vec<(DataKind, OsString)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DataKind {
    /// `-d`, `--data-ascii`: text or @FILE.
    Data,
    /// `--data-raw`: text, whatever it starts with.
    Raw,
    /// `--data-binary`: text or @FILE.
    Binary,
    /// `--data-urlencode`: [NAME]=TEXT, TEXT, [NAME]@FILE.
    Urlencode,
    /// `--json`: text or @FILE.
    Json,
}

impl Data {
    /// Where the URL is that awscurl's switch `--data-binary` stands before.
    pub(crate) fn behind_switch(&self) -> Option<usize> {
        let at = self.0.iter().rposition(|(kind, text)| *kind == DataKind::Binary && is_url(text))?;
        (self.0.len() > 1).then_some(at)
    }
}

fn is_url(text: &OsStr) -> bool {
    text.to_str().is_some_and(|text| text.starts_with("https://") || text.starts_with("http://"))
}

impl FromArgMatches for Data {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut pieces = in_order(
            matches,
            &[
                ("data", DataKind::Data),
                ("data-raw", DataKind::Raw),
                ("data-binary", DataKind::Binary),
                ("data-urlencode", DataKind::Urlencode),
                ("json", DataKind::Json),
            ],
        );
        pieces.retain(|(_, text)| text != BARE);
        Ok(Self(pieces))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl clap::Args for Data {
    fn augment_args(command: Command) -> Command {
        let option = |name: &'static str, value: &'static str, help: &'static str| {
            Arg::new(name)
                .long(name)
                .value_name(value)
                .help(help)
                .action(ArgAction::Append)
                .value_parser(clap::value_parser!(OsString))
        };
        command
            .arg(
                option(
                    "data",
                    "TEXT|@FILE|@-",
                    "The body: text, @FILE, or @- for standard input; sent byte for byte, several joined by &; \
                     content-type: application/x-www-form-urlencoded unless -H says another",
                )
                .short('d')
                .alias("data-ascii")
                .allow_hyphen_values(true),
            )
            .arg(option("data-raw", "TEXT", "The same, but @ means nothing").allow_hyphen_values(true))
            .arg(
                option(
                    "data-binary",
                    "TEXT|@FILE|@-",
                    "The same as -d; before another option, awscurl's switch, which changes nothing here",
                )
                .num_args(0..=1)
                .default_missing_value(BARE),
            )
            .arg(
                option("data-urlencode", "[NAME=]TEXT|[NAME]@FILE", "The same, percent-encoded but for the name")
                    .allow_hyphen_values(true),
            )
            .arg(option("json", "TEXT|@FILE|@-", "The body with content-type and accept: application/json"))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// The fields of a form, in the order in which they were typed.
#[derive(Debug, Default)]
pub(crate) struct Form(pub(crate) Vec<(FormKind, OsString)>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FormKind {
    /// `-F`: NAME=TEXT, NAME=@FILE, NAME=<FILE, each with ;type= and ;filename=.
    Field,
    /// `--form-string`: NAME=TEXT, whatever it holds.
    Text,
}

impl FromArgMatches for Form {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        Ok(Self(in_order(matches, &[("form", FormKind::Field), ("form-string", FormKind::Text)])))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}

impl clap::Args for Form {
    fn augment_args(command: Command) -> Command {
        let option = |name: &'static str, help: &'static str| {
            Arg::new(name)
                .long(name)
                .help(help)
                .action(ArgAction::Append)
                .value_parser(clap::value_parser!(OsString))
                .conflicts_with_all(["data", "data-raw", "data-binary", "data-urlencode", "json"])
        };
        command
            .arg(
                option("form", "A field of a form (multipart/form-data): a text, or a file; repeatable")
                    .short('F')
                    .value_name("NAME=TEXT|NAME=@FILE[;type=T]"),
            )
            .arg(option("form-string", "A field of a form, of which every character is meant").value_name("NAME=TEXT"))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

/// The values of several options, in the order in which they were typed.
fn in_order<K: Copy>(matches: &ArgMatches, options: &[(&str, K)]) -> Vec<(K, OsString)> {
    let mut found: Vec<(usize, K, OsString)> = Vec::new();
    for &(name, kind) in options {
        let values = matches.get_many::<OsString>(name).into_iter().flatten();
        let places = matches.indices_of(name).into_iter().flatten();
        found.extend(places.zip(values).map(|(place, value)| (place, kind, value.clone())));
    }
    found.sort_by_key(|(place, ..)| *place);
    found.into_iter().map(|(_, kind, value)| (kind, value)).collect()
}
