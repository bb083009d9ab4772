//! What cert-manager made for a Certificate.

use crate::{cluster::Reader, object::Object};

const ACME: &str = "acme.cert-manager.io/v1";
const OWN: &str = "cert-manager.io/v1";

/// The CertificateRequests, Orders and Challenges of a Certificate's namespace, and its issuer. Best effort:
/// what may not be read is left out.
pub(super) async fn issuance(reader: &Reader, certificate: &Object) -> Vec<Object> {
    let namespace = certificate.namespace();
    let reference = |field| certificate.text(&["spec", "issuerRef", field]);
    let issuer = async {
        let kind = reference("kind").unwrap_or("Issuer");
        let name = reference("name").filter(|_| ["Issuer", "ClusterIssuer"].contains(&kind))?;
        reader.get(OWN, kind, namespace, name).await.ok().flatten()
    };
    let (requests, orders, challenges, issuer) = tokio::join!(
        reader.list(OWN, "CertificateRequest", namespace, None),
        reader.list(ACME, "Order", namespace, None),
        reader.list(ACME, "Challenge", namespace, None),
        issuer,
    );
    let listed = [requests, orders, challenges].into_iter().flat_map(Result::unwrap_or_default);
    listed.chain(issuer).collect()
}
