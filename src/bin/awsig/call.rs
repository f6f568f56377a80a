//! `awsig URL [METHOD]`: signs, sends, and hands the answer on.

use crate::args::CallArgs;
use crate::plan::Plan;
use crate::progress::Meter;
use crate::receive::Receiver;
use crate::report::{self, Failure, USAGE, note, warn};
use crate::target::Target;
use crate::write_out::{self, Told};
use crate::{connect, dry, fault, output, redirect, schemes, secrets, verbose};
use awsig::refusal::{Asked, span};
use awsig::send::{Again, Answer, CallError, Event, Retries, Source};
use awsig::signing::{printable, shown_url};
use awsig::transport::{Body, Client, Limits, ResponseBody, Timeline, Transport};
use awsig::world::World;
use http::header::LOCATION;
use std::cell::{Cell, RefCell};
use std::io;
use std::sync::Arc;
use std::time::Instant;

/// Too many redirects, or one that cannot be followed: curl's.
const REDIRECTS: u8 = 47;
/// A body that cannot be sent again: curl's.
const REWIND: u8 = 65;

pub(crate) fn run(args: &CallArgs) -> Result<(), Failure> {
    report::silence(args.answer.silent && !args.answer.show_error);
    let template = args.answer.write_out.as_deref().filter(|_| !args.dry_run).map(write_out::template).transpose()?;
    let typed = args.request.typed_url().cloned().unwrap_or_default();
    let mut told = Told { url: typed.clone(), url_effective: typed, method: "GET".into(), ..Told::default() };
    let start = Instant::now();
    let result = called(args, start, &mut told);
    if told.requests > 0 {
        told.whole = start.elapsed().as_secs_f64();
    }
    if let Err(failure) = &result {
        (told.exit_code, told.error) = (failure.code(), failure.error().into());
    }
    // What is wrongly typed is told by nothing but the error, as curl does.
    match template.filter(|_| told.exit_code != USAGE) {
        Some(template) => result.and(tell(&told, &template)),
        None => result,
    }
}

/// A URL without a path has that of the root, which is what is asked for.
fn with_path(url: &str) -> String {
    let authority = url.find("://").map_or(0, |at| at + 3);
    let end = url.get(authority..).and_then(|rest| rest.find(['/', '?', '#'])).map_or(url.len(), |at| authority + at);
    let (place, rest) = url.split_at(end);
    format!("{place}{}{rest}", if rest.starts_with('/') { "" } else { "/" })
}

/// `-w`
fn tell(told: &Told, template: &str) -> Result<(), Failure> {
    let (out, error, unknown) = told.filled(template);
    let written = output::print(out.as_bytes());
    secrets::say(&error);
    if let Some(text) = Told::unknown(&unknown) {
        warn(&text);
    }
    written
}

fn called(args: &CallArgs, start: Instant, told: &mut Told) -> Result<(), Failure> {
    let world = secrets::world();
    let limits = connect::limits(&args.connection)?;
    let retries = retries(args)?;
    let url = args.request.typed_url();
    let plain = !args.answer.location
        && url.and_then(|url| url.get(..5)).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http:"));
    let timeline = Timeline::default();
    let client = connect::client(&args.connection, world.as_ref(), plain, &timeline)?;
    let offset = offset(args)?;
    let wanted = wanted(args, offset)?;
    let more: Vec<(&str, &str)> = wanted.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut plan = Plan::make_with(&args.request, &more, &world, (!args.dry_run).then_some(&client))?;
    schemes::check(plan.url(), &[args.connection.proto.as_deref()])?;
    if args.dry_run {
        return output::print(dry::run(&mut plan, world.as_ref())?.as_bytes());
    }
    // -O names the file by what was typed, not by what -T put behind it: that would be the very file that is sent.
    let target = Target::of(&args.answer, url.map_or(plan.url(), String::as_str))?;
    (told.url, told.method) = (plan.url().into(), plan.method().into());
    let meter = Meter::new(!args.answer.silent && !args.answer.no_progress_meter);
    let calling = Calling { args, world, client, limits, retries, meter };
    let result = calling.transfer(&mut plan, Receiver::new(args, target, offset), start, told);
    calling.meter.done();
    told.url_effective = with_path(plan.url());
    told.connected(start, &timeline.moments());
    result
}

/// Headers that flags of the answer ask for.
fn wanted(args: &CallArgs, offset: u64) -> Result<Vec<(&'static str, String)>, Failure> {
    let mut headers = Vec::new();
    if let Some(range) = &args.answer.range {
        if range.bytes().any(|byte| !byte.is_ascii_digit() && !matches!(byte, b'-' | b',' | b' ')) {
            return Err(Failure::new(USAGE, format!("not a range: {range:?}")).hint("-r takes 0-499, 500- or -500"));
        }
        headers.push(("range", format!("bytes={range}")));
    } else if offset > 0 {
        headers.push(("range", format!("bytes={offset}-")));
    }
    if args.answer.compressed {
        headers.push(("accept-encoding", "gzip, deflate".into()));
    }
    Ok(headers)
}

/// Where `-C` goes on.
fn offset(args: &CallArgs) -> Result<u64, Failure> {
    let Some(text) = args.answer.continue_at.as_deref() else {
        return Ok(0);
    };
    if args.request.body.upload.is_some() || args.answer.compressed {
        return Err(
            Failure::new(USAGE, "-C goes on with downloads only, and not with --compressed").hint("leave -C out")
        );
    }
    if text == "-" {
        let url = args.request.typed_url();
        return Ok(Target::of(&args.answer, url.map_or("", String::as_str))?.length());
    }
    text.parse()
        .map_err(|_| Failure::new(USAGE, format!("not an offset: {text:?}")).hint("-C takes a number of bytes, or -"))
}

fn retries(args: &CallArgs) -> Result<Retries, Failure> {
    let mut retries = Retries::default();
    retries.max = args.retry.retry;
    // curl's 0 is its own choice.
    retries.delay = args.retry.retry_delay.filter(|seconds| *seconds != 0.0).map(connect::seconds).transpose()?;
    retries.max_time = args.retry.retry_max_time.filter(|seconds| *seconds != 0.0).map(connect::seconds).transpose()?;
    retries.all_errors = args.retry.retry_all_errors;
    Ok(retries)
}

struct Calling<'a> {
    args: &'a CallArgs,
    world: Arc<dyn World>,
    client: Client,
    limits: Limits,
    retries: Retries,
    meter: Meter,
}

impl Calling<'_> {
    /// Sends, follows, receives.
    fn transfer(
        &self,
        plan: &mut Plan,
        mut receiver: Receiver<'_>,
        start: Instant,
        told: &mut Told,
    ) -> Result<(), Failure> {
        let body = std::mem::replace(&mut plan.body, Source::Empty);
        let in_memory = if let Source::Bytes(bytes) = &body { bytes.len() } else { 0 };
        plan.body = self.meter.watch(body);
        let mut asked = Asked::default();
        let mut sent = self.signed(plan, told, &mut asked);
        loop {
            told.size_upload = self.meter.count().max(u64::try_from(in_memory).unwrap_or(u64::MAX));
            let answer = sent.map_err(|error| {
                let proxy = self.client.proxy_of(plan.url());
                fault::of_call(plan.url(), &error, proxy.as_deref(), self.args.connection.unix_socket.as_deref())
            })?;
            told.until_answer = start.elapsed().as_secs_f64();
            receiver.head(&answer, told)?;
            let location = answer.headers().get(LOCATION).map(redirect::location);
            let next = location.as_deref().and_then(|location| {
                redirect::next(answer.status(), location, plan.method(), plan.url(), &plan.signer)
            });
            told.redirect_url = next.as_ref().map(|next| next.url.clone()).unwrap_or_default();
            if let (None, Some(location)) = (&next, location.filter(|_| self.args.answer.location)) {
                if redirect::leads(answer.status()) {
                    return Err(redirect::unfollowable(&location));
                }
            }
            let Some(next) = next.filter(|_| self.args.answer.location) else {
                let asked = asked.at(self.world.now());
                // -I shows the head of whatever method was typed.
                let bodiless = self.args.request.head && plan.method() != "HEAD";
                let answer = if bodiless { answer.map(|_| ResponseBody::new(io::empty())) } else { answer };
                return receiver.body(answer, plan.url(), &asked, &self.meter, told, &self.args.connection);
            };
            redirect::check(&next)?;
            let connection = &self.args.connection;
            schemes::check(&next.url, &[connection.proto.as_deref(), connection.proto_redir.as_deref()])?;
            told.redirects += 1;
            told.until_redirected = start.elapsed().as_secs_f64();
            if told.redirects > self.args.answer.max_redirs {
                return Err(Failure::new(REDIRECTS, format!("more than {} redirects", self.args.answer.max_redirs))
                    .hint("look at where they lead with -v; --max-redirs NUMBER follows more"));
            }
            told.redirect_url = String::new();
            drop(answer);
            let bodiless = matches!(plan.body, Source::Empty);
            if next.bare {
                plan.make_bare();
            } else if matches!(plan.body, Source::Once { .. }) {
                return Err(Failure::new(REWIND, "a redirect asks for the body again, which cannot be read twice")
                    .hint(format!("put it into a file, or call {} at once", shown_url(&next.url))));
            }
            sent = match next.signer {
                Some(signer) => {
                    plan.go(next.url, Some(signer));
                    self.signed(plan, told, &mut asked)
                }
                None if next.bare || bodiless => {
                    plan.go(next.url, None);
                    asked = Asked::default();
                    self.unsigned(plan, told)
                }
                None => {
                    return Err(Failure::new(REDIRECTS, "a redirect asks for the body to be sent to another host")
                        .hint(format!("if that is right, call it yourself: {}", shown_url(&next.url))));
                }
            };
            told.method = plan.method().into();
        }
    }

    fn signed(&self, plan: &mut Plan, told: &mut Told, asked: &mut Asked) -> Result<Answer, CallError> {
        let found = RefCell::new(plan.found.clone());
        let (requests, retried) = (Cell::new(told.requests), Cell::new(told.retries));
        let mut tell = |event: Event<'_>| match event {
            Event::Sending { request, signer } => {
                requests.set(requests.get() + 1);
                let found = found.borrow();
                *asked = Asked::signed(request, signer, found.credentials());
                if self.args.verbose {
                    let text =
                        verbose::signature(signer, &found, request, "* ") + &verbose::request(signer, request, "> ");
                    secrets::say(&text);
                }
            }
            Event::Region { region, url } => {
                note(&format!("the bucket is in {region}: signed again, for {}", shown_url(url)));
            }
            Event::Retry { reason, wait, left } => {
                retried.set(retried.get() + 1);
                let seconds = wait.as_secs_f64();
                note(&format!("{reason}: trying again in {seconds:.1} s, {left} tries left after that"));
            }
            Event::Clock { server, seconds } => note(&format!(
                "this machine's clock is {} {}: signed again as of {}",
                span(seconds),
                if seconds > 0 { "slow" } else { "fast" },
                server.to_rfc3339()
            )),
            Event::Refreshed { access_key_id } => {
                note(&format!("the credentials had expired: signed again with {access_key_id}"));
            }
            _ => {}
        };
        let refreshable = plan.refreshable();
        let mut refresh = || {
            let old = found.borrow().clone();
            let new = refreshable
                .then(|| crate::plan::other_credentials(&self.args.request.place, &self.world, old.credentials()))
                .flatten()?;
            let credentials = new.credentials().clone();
            *found.borrow_mut() = new;
            Some(credentials)
        };
        let mut again =
            Again { retries: self.retries, world: self.world.as_ref(), fixed_time: plan.fixed, refresh: &mut refresh };
        let answer = plan.send(&self.client, &self.limits, &mut again, &mut tell);
        (told.requests, told.retries) = (requests.get(), retried.get());
        answer
    }

    /// Asks somebody else, to whom a redirect leads: a request that holds nothing of the caller's.
    fn unsigned(&self, plan: &Plan, told: &mut Told) -> Result<Answer, CallError> {
        told.requests += 1;
        let mut request = http::Request::new(Body::Empty);
        *request.method_mut() = if plan.method() == "HEAD" { http::Method::HEAD } else { http::Method::GET };
        let url =
            http::Uri::try_from(plan.url()).map_err(|_| CallError::Payload("a redirect leads to what is no URL"))?;
        *request.uri_mut() = url;
        for (name, value) in plan.harmless_headers() {
            if let (Ok(name), Ok(value)) = (http::HeaderName::try_from(name), http::HeaderValue::try_from(value)) {
                request.headers_mut().append(name, value);
            }
        }
        note(&format!("redirected, unsigned, to {}", shown_url(plan.url())));
        if self.args.verbose {
            let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
            let mut text = format!("> {} {} HTTP/1.1\n", request.method(), printable(&shown_url(target), usize::MAX));
            text.push_str(&format!("> host: {}\n", fault::host(plan.url())));
            for (name, value) in request.headers() {
                text.push_str(&format!(
                    "> {name}: {}\n",
                    verbose::shown(name.as_str(), value.to_str().unwrap_or_default())
                ));
            }
            secrets::say(&text);
        }
        self.client.send(request, &self.limits).map_err(CallError::Transport)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_a_path() {
        for (url, with) in [
            ("http://h", "http://h/"),
            ("http://h?q=/", "http://h/?q=/"),
            ("http://h#f", "http://h/#f"),
            ("http://h/a?b", "http://h/a?b"),
        ] {
            assert_eq!(with_path(url), with);
        }
    }
}
