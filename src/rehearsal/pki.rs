//! The rehearsal cluster's keys and certificates: made anew for each boot, valid for a week.
//!
//! All of it stays in the run's folder, in files that only this user can read.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair,
    KeyUsagePurpose,
};

use super::error::BootError;
use super::folder::RunFolder;
use super::services::ACME_NAMES;

const DAYS_VALID: i64 = 7;
const MASTERS: &str = "system:masters";

/// A certificate and its key, both as PEM.
pub(super) struct Pair {
    pub(super) certificate: String,
    pub(super) key: String,
}

/// What the kubeconfigs need; the rest is only in files.
pub(super) struct Pki {
    pub(super) authority: String,
    pub(super) admin: Pair,
    pub(super) boot: Pair,
    pub(super) controller_manager: Pair,
    pub(super) scheduler: Pair,
    pub(super) kwok: Pair,
    pub(super) metrics_server: Pair,
    pub(super) pebble: Pair,
    pub(super) cert_manager: Pair,
}

impl Pki {
    /// Makes every key and certificate, and writes to the run's folder those that the parts read as files.
    pub(super) fn create(folder: &RunFolder) -> Result<Self, BootError> {
        let authority = authority("rehearsal")?;
        let front_proxy = authority_file(folder, "front-proxy-ca", authority_of_proxies()?)?;
        let client = |name, group| leaf(&authority, name, group, Usage::Client);

        let server = leaf(&authority, "localhost", None, Usage::Server)?;
        let kubelet_client = client("rehearsal:kubelet-client", Some(MASTERS))?;
        let proxy_client = leaf(&front_proxy, "front-proxy-client", None, Usage::Client)?;
        let etcd_client = client("rehearsal:etcd-client", None)?;
        for (name, pair) in [
            ("server", &server),
            ("kubelet-client", &kubelet_client),
            ("front-proxy-client", &proxy_client),
            ("etcd-client", &etcd_client),
        ] {
            folder.write(&format!("pki/{name}.crt"), &pair.certificate)?;
            folder.write(&format!("pki/{name}.key"), &pair.key)?;
        }
        let service_accounts = KeyPair::generate()?;
        folder.write("pki/service-accounts.key", &service_accounts.serialize_pem())?;
        folder.write("pki/service-accounts.pub", &service_accounts.public_key_pem())?;

        let pki = Self {
            authority: authority.pem(),
            admin: client("admin", Some(MASTERS))?,
            boot: client("rehearsal:boot", Some(MASTERS))?,
            controller_manager: client("system:kube-controller-manager", None)?,
            scheduler: client("system:kube-scheduler", None)?,
            kwok: client("rehearsal:kwok", Some(MASTERS))?,
            metrics_server: client("rehearsal:metrics-server", Some(MASTERS))?,
            pebble: client("rehearsal:pebble", Some(MASTERS))?,
            cert_manager: client("rehearsal:cert-manager", Some(MASTERS))?,
        };
        authority_file(folder, "ca", authority)?;
        Ok(pki)
    }
}

#[derive(Clone, Copy)]
enum Usage {
    Server,
    Client,
}

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority_of_proxies() -> Result<Authority, BootError> {
    authority("rehearsal-front-proxy")
}

fn authority(name: &str) -> Result<Authority, BootError> {
    let mut params = valid_now(Vec::new())?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyCertSign];
    Ok(CertifiedIssuer::self_signed(params, KeyPair::generate()?)?)
}

fn authority_file(folder: &RunFolder, name: &str, authority: Authority) -> Result<Authority, BootError> {
    folder.write(&format!("pki/{name}.crt"), &authority.pem())?;
    folder.write(&format!("pki/{name}.key"), &authority.key().serialize_pem())?;
    Ok(authority)
}

/// Certifies a name; Kubernetes reads the common name as the user and the organisation as its group.
fn leaf(authority: &Authority, name: &str, group: Option<&str>, usage: Usage) -> Result<Pair, BootError> {
    let names = match usage {
        // One server certificate does for every part: all of them are on loopback.
        // The ACME server's is the same, under the names that it is asked by.
        Usage::Server => [
            ACME_NAMES[0],
            ACME_NAMES[1],
            "localhost",
            "127.0.0.1",
            "10.96.0.1",
            "kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc",
            "kubernetes.default.svc.cluster.local",
            "metrics-server.kube-system.svc",
        ]
        .map(str::to_owned)
        .to_vec(),
        Usage::Client => Vec::new(),
    };
    let mut params = valid_now(names)?;
    params.distinguished_name.push(DnType::CommonName, name);
    if let Some(group) = group {
        params.distinguished_name.push(DnType::OrganizationName, group);
    }
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = match usage {
        // etcd is its own peer and asks itself with its server certificate.
        Usage::Server => vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth],
        Usage::Client => vec![ExtendedKeyUsagePurpose::ClientAuth],
    };
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, authority)?;
    Ok(Pair { certificate: certificate.pem(), key: key.serialize_pem() })
}

/// Parameters that are valid from yesterday, for clocks that are a little off, until next week.
fn valid_now(names: Vec<String>) -> Result<CertificateParams, BootError> {
    let mut params = CertificateParams::new(names)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    let day = |offset: i64| {
        let seconds = jiff::Timestamp::now().as_second() + offset * 24 * 60 * 60;
        let date =
            jiff::Timestamp::from_second(seconds).unwrap_or_default().to_zoned(jiff::tz::TimeZone::UTC);
        rcgen::date_time_ymd(
            i32::from(date.year()),
            u8::try_from(date.month()).unwrap_or(1),
            u8::try_from(date.day()).unwrap_or(1),
        )
    };
    params.not_before = day(-1);
    params.not_after = day(DAYS_VALID);
    Ok(params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_private_files() {
        use std::os::unix::fs::PermissionsExt;
        let runs = tempfile::tempdir().unwrap();
        let folder = RunFolder::create(runs.path(), None).unwrap();
        let pki = Pki::create(&folder).unwrap();
        assert!(pki.admin.certificate.starts_with("-----BEGIN CERTIFICATE-----"));
        for entry in std::fs::read_dir(folder.path().join("pki")).unwrap() {
            let mode = entry.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }
}
