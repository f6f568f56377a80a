//! What was typed about reaching the host, made into a client and its limits.

use crate::args::ConnectionArgs;
use crate::report::{CACERT, Failure, USAGE, chain, warn};
use crate::secrets;
use awsig::transport::{Client, Detour, Family, Limits, Pinned, Proxies, Settings, Timeline, TlsVersions};
use awsig::world::{Process, World};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// A certificate of the client that cannot be used: curl's.
const IDENTITY: u8 = 58;
/// The longest that a service of AWS keeps silent is a function's 15 minutes; after that, nobody is there.
const SILENCE: Duration = Duration::from_secs(960);

/// The client. Where nothing but http is spoken, no certificates are read.
pub(crate) fn client(
    args: &ConnectionArgs,
    world: &dyn World,
    plain: bool,
    timeline: &Timeline,
) -> Result<Client, Failure> {
    let mut settings = Settings::default();
    settings.timeline = timeline.clone();
    settings.proxies = proxies(args, world)?;
    settings.roots = if plain { None } else { roots(args, world)? };
    settings.unchecked = args.insecure;
    settings.identity = identity(args)?;
    settings.tls = versions(args)?;
    settings.family = match (args.ipv4, args.ipv6) {
        (true, _) => Family::V4,
        (_, true) => Family::V6,
        _ => Family::Any,
    };
    for text in &args.resolve {
        settings.pinned.push(Pinned::parse(text).ok_or_else(|| {
            Failure::new(USAGE, format!("not an address of a host: {text:?}"))
                .hint("--resolve takes HOST:PORT:ADDRESS, such as example.com:443:127.0.0.1")
        })?);
    }
    for text in &args.connect_to {
        settings.detours.push(Detour::parse(text).ok_or_else(|| {
            Failure::new(USAGE, format!("not a way to a host: {text:?}"))
                .hint("--connect-to takes HOST1:PORT1:HOST2:PORT2; each may be empty")
        })?);
    }
    settings.unix_socket = args.unix_socket.clone();
    if args.insecure {
        warn("certificates are not checked (-k): whoever is in between can read and change everything");
    }
    Client::with_settings(&settings).map_err(|error| {
        use awsig::transport::Failure as Kind;
        match error.failure() {
            Kind::ClientCertificate => Failure::new(IDENTITY, chain(&error))
                .hint("--cert and --key take PEM files; the key must not be encrypted, and belong to the certificate"),
            _ => Failure::new(CACERT, "the authorities to trust hold no certificate that can be read")
                .hint("--cacert, AWS_CA_BUNDLE and SSL_CERT_FILE take a file of certificates in PEM"),
        }
    })
}

fn proxies(args: &ConnectionArgs, world: &dyn World) -> Result<Proxies, Failure> {
    let from_environment = Proxies::from_variables(|name| world.var(name));
    let proxies = match args.proxy.as_deref() {
        None => from_environment,
        Some(url) => match &args.proxy_user {
            Some(user) if !url.is_empty() => {
                let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
                let host = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
                if let Some((_, password)) = user.split_once(':') {
                    secrets::keep(password);
                }
                Proxies::all(&format!("{scheme}://{user}@{host}"))
            }
            _ => {
                secrets::keep_proxy(url);
                Proxies::all(url)
            }
        }
        .with_exceptions(&world.var("no_proxy").or_else(|| world.var("NO_PROXY")).unwrap_or_default()),
    };
    if args.proxy_user.is_some() && args.proxy.is_none() {
        return Err(Failure::new(USAGE, "--proxy-user without --proxy").hint("-x http://NAME:PASSWORD@HOST:PORT"));
    }
    Ok(match &args.noproxy {
        Some(list) => proxies.with_exceptions(list),
        None => proxies,
    })
}

/// What is trusted: the first that is set.
fn roots(args: &ConnectionArgs, world: &dyn World) -> Result<Option<Vec<u8>>, Failure> {
    if args.insecure {
        return Ok(None);
    }
    let mut pem = Vec::new();
    if let Some(file) = &args.cacert {
        pem.extend(read(file)?);
    }
    if let Some(folder) = &args.capath {
        pem.extend(folder_of(folder)?);
    }
    if args.cacert.is_some() || args.capath.is_some() {
        return Ok(Some(pem));
    }
    let set = |name: &str| world.var(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    match ["AWS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"].into_iter().find_map(set) {
        Some(file) => read(&file).map(Some),
        None => set("SSL_CERT_DIR").map(|folder| folder_of(&folder)).transpose(),
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    Process::new().read(path).map_err(|error| {
        Failure::new(CACERT, format!("cannot read {}: {error}", path.display()))
            .hint("--cacert, AWS_CA_BUNDLE and SSL_CERT_FILE name the file of authorities to trust")
    })
}

fn folder_of(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut pem = Vec::new();
    let files = std::fs::read_dir(path)
        .map_err(|error| Failure::new(CACERT, format!("cannot read {}: {error}", path.display())))?;
    for file in files.flatten().filter(|file| file.path().is_file()) {
        let bytes = std::fs::read(file.path()).unwrap_or_default();
        // Other files lie in such folders too.
        if bytes.windows(27).any(|window| window == b"-----BEGIN CERTIFICATE-----") {
            pem.extend(bytes);
            pem.push(b'\n');
        }
    }
    Ok(pem)
}

fn identity(args: &ConnectionArgs) -> Result<Option<Vec<u8>>, Failure> {
    let Some(cert) = &args.cert else {
        return Ok(None);
    };
    let read = |path: &Path| {
        Process::new()
            .read(path)
            .map_err(|error| Failure::new(IDENTITY, format!("cannot read {}: {error}", path.display())))
    };
    let mut pem = read(cert)?;
    if let Some(key) = &args.key {
        pem.push(b'\n');
        pem.extend(read(key)?);
    }
    Ok(Some(pem))
}

fn versions(args: &ConnectionArgs) -> Result<TlsVersions, Failure> {
    let from_13 = args.tls13 || args.tls_min.as_deref() == Some("1.3");
    match (from_13, args.tls_max.as_deref()) {
        (true, Some("1.2")) => Err(Failure::new(USAGE, "no version of TLS is left").hint("leave --tls-max out")),
        (true, _) => Ok(TlsVersions::Only13),
        (false, Some("1.2")) => Ok(TlsVersions::Only12),
        (false, _) => Ok(TlsVersions::Both),
    }
}

pub(crate) fn limits(args: &ConnectionArgs) -> Result<Limits, Failure> {
    let idle = args.speed_time.or(args.speed_limit.map(|_| 30)).map_or(SILENCE, Duration::from_secs);
    if idle.is_zero() {
        return Err(Failure::new(USAGE, "--speed-time is zero").hint("leave it out, or write seconds"));
    }
    let limits = Limits::none().with_connect(seconds(args.connect_timeout)?).with_idle(idle);
    // curl's 0 is no limit.
    match args.max_time.filter(|seconds| *seconds != 0.0) {
        Some(limit) => Ok(limits.with_whole(seconds(limit)?)),
        None => Ok(limits),
    }
}

/// A number of seconds that was typed.
pub(crate) fn seconds(typed: f64) -> Result<Duration, Failure> {
    Duration::try_from_secs_f64(typed).ok().filter(|duration| !duration.is_zero()).ok_or_else(|| {
        Failure::new(USAGE, format!("not a number of seconds: {typed}")).hint("write a number above 0, such as 2.5")
    })
}

/// Below how many bytes a second, over how long, an answer is given up.
pub(crate) fn slowest(args: &ConnectionArgs) -> Option<(u64, Duration)> {
    (args.speed_time.is_some() || args.speed_limit.is_some())
        .then(|| (args.speed_limit.unwrap_or(1), Duration::from_secs(args.speed_time.unwrap_or(30))))
}
