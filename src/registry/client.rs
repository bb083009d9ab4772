//! Asks registries.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Once,
    time::Duration,
};

use futures::{FutureExt, StreamExt, future::BoxFuture, stream};
use jiff::Timestamp;
use oci_client::{
    Client, Reference,
    client::{ClientConfig, ClientProtocol},
    errors::OciDistributionError,
    manifest::OciDescriptor,
};

use super::{
    AuthFiles, Found, Platform, Refusal, RefusalSort,
    credentials::Credentials,
    is_here,
    manifest::{Blob, Described, MEDIA_TYPES, Manifest},
};
use crate::pin::ImageName;

/// For everything that is asked about one image.
const LIMIT: Duration = Duration::from_secs(30);
/// For a connection.
const CONNECT_LIMIT: Duration = Duration::from_secs(10);
/// Images that are asked about side by side.
const SIDE_BY_SIDE: usize = 8;
/// Platforms of an index whose age is looked up.
const MOST_PLATFORMS: usize = 8;
/// A configuration that is larger is not read.
const MOST_CONFIG: u64 = 4 * 1024 * 1024;

/// What came of asking about an image.
pub type Asked = Result<Found, Refusal>;

/// Registries, asked as one user.
#[derive(Clone, Debug)]
pub struct Registries {
    files: AuthFiles,
    limit: Duration,
}

impl Registries {
    /// Asked as whoever these files have logins for.
    #[must_use]
    pub fn new(files: AuthFiles) -> Self {
        Self { files, limit: LIMIT }
    }

    /// The same with another time limit for each image.
    #[must_use]
    pub fn within(self, limit: Duration) -> Self {
        Self { limit, ..self }
    }

    /// Asks about each of these images.
    pub async fn ask(&self, images: &BTreeSet<ImageName>) -> BTreeMap<ImageName, Asked> {
        let client = client(images);
        let mut asking: Vec<BoxFuture<'_, (ImageName, Asked)>> = Vec::new();
        for image in images {
            let client = &client;
            asking.push(
                async move { (image.clone(), self.within_limit(image, self.look(client, image)).await) }
                    .boxed(),
            );
        }
        side_by_side(asking).await.into_iter().collect()
    }

    /// Asks for the digests alone, which costs no pull.
    pub async fn digests(
        &self,
        images: &BTreeSet<ImageName>,
    ) -> BTreeMap<ImageName, Result<String, Refusal>> {
        let client = client(images);
        let mut asking: Vec<BoxFuture<'_, (ImageName, Result<String, Refusal>)>> = Vec::new();
        for image in images {
            let client = &client;
            asking.push(
                async move { (image.clone(), self.within_limit(image, self.digest(client, image)).await) }
                    .boxed(),
            );
        }
        side_by_side(asking).await.into_iter().collect()
    }

    async fn within_limit<T>(
        &self,
        image: &ImageName,
        asking: impl Future<Output = Result<T, Refusal>>,
    ) -> Result<T, Refusal> {
        let answered = tokio::time::timeout(self.limit, asking).await;
        answered.unwrap_or_else(|_| {
            let registry = super::registry_of(&image.to_string()).unwrap_or_default();
            Err(Refusal::timed_out(&registry))
        })
    }

    async fn digest(&self, client: &Client, image: &ImageName) -> Result<String, Refusal> {
        let reference = reference(image)?;
        let who = Credentials::of(&self.files, &reference).await;
        let digest = client.fetch_manifest_digest(&reference, &who.auth).await;
        digest.map_err(|error| Refusal::of(&error, reference.registry(), &who.told))
    }

    async fn look(&self, client: &Client, image: &ImageName) -> Asked {
        let reference = reference(image)?;
        let who = Credentials::of(&self.files, &reference).await;
        let refused = |error: &OciDistributionError| Refusal::of(error, reference.registry(), &who.told);
        let pulled = client.pull_manifest_raw(&reference, &who.auth, &MEDIA_TYPES).await;
        let (bytes, digest) = pulled.map_err(|error| refused(&error))?;
        let manifest = read(&reference, &bytes)?;
        let mut found =
            Found { digest, platforms: Vec::new(), created: manifest.created(), size: None, stand_in: false };
        if let Some(config) = &manifest.config {
            let config = described(client, &reference, config).await.map_err(|error| refused(&error))?;
            found.platforms = config.iter().filter_map(Described::platform).collect();
            found.created = found.created.or_else(|| config?.created());
            found.size = Some(manifest.layers.iter().map(|layer| layer.size).sum());
            return Ok(found);
        }
        let runnable: Vec<(String, Platform)> =
            manifest.runnable().map(|(entry, platform)| (entry.digest.clone(), platform)).collect();
        if found.created.is_none() {
            // What cannot be read tells no age; the image is there all the same.
            found.created = newest(client, &reference, &who, &runnable).await;
        }
        found.platforms = runnable.into_iter().map(|(_, platform)| platform).collect();
        found.platforms.sort();
        found.platforms.dedup();
        Ok(found)
    }
}

async fn side_by_side<T>(asking: Vec<BoxFuture<'_, T>>) -> Vec<T> {
    stream::iter(asking).buffer_unordered(SIDE_BY_SIDE).collect().await
}

/// When the newest platform of an index was built.
async fn newest(
    client: &Client,
    reference: &Reference,
    who: &Credentials,
    entries: &[(String, Platform)],
) -> Option<Timestamp> {
    let mut asking: Vec<BoxFuture<'_, Option<Timestamp>>> = Vec::new();
    for (digest, _) in entries.iter().take(MOST_PLATFORMS) {
        let one = reference.clone_with_digest(digest.clone());
        let age = async move {
            let (bytes, _) = client.pull_manifest_raw(&one, &who.auth, &MEDIA_TYPES).await.ok()?;
            let manifest = Manifest::read(&bytes).ok()?;
            described(client, &one, manifest.config.as_ref()?).await.ok()??.created()
        };
        asking.push(age.boxed());
    }
    side_by_side(asking).await.into_iter().flatten().max()
}

/// A configuration; `None` when it is no image's.
async fn described(
    client: &Client,
    reference: &Reference,
    config: &Blob,
) -> Result<Option<Described>, OciDistributionError> {
    if config.size > MOST_CONFIG {
        return Ok(None);
    }
    let descriptor = OciDescriptor { digest: config.digest.clone(), ..OciDescriptor::default() };
    let mut bytes = Vec::new();
    client.pull_blob(reference, &descriptor, &mut bytes).await?;
    Ok(Described::read(&bytes).ok())
}

fn reference(image: &ImageName) -> Result<Reference, Refusal> {
    image.to_string().parse().map_err(|error| {
        let reason = format!("{image} is no image's name: {error}");
        Refusal::new(RefusalSort::NoName, reason, "correct it where it is written")
    })
}

fn read(reference: &Reference, bytes: &[u8]) -> Result<Manifest, Refusal> {
    Manifest::read(bytes).map_err(|reason| {
        let reason = format!("{} has not answered with a manifest: {reason}", reference.registry());
        Refusal::new(RefusalSort::Strange, reason, "see what answers under that name; then ask again")
    })
}

/// A client that speaks without TLS to this machine alone.
pub(crate) fn client(images: &BTreeSet<ImageName>) -> Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Somebody else may have chosen one, which does as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    let registries = images.iter().filter_map(|image| super::registry_of(&image.to_string()));
    let here: BTreeSet<String> = registries.filter(|registry| is_here(registry)).collect();
    Client::new(ClientConfig {
        protocol: ClientProtocol::HttpsExcept(here.into_iter().collect()),
        connect_timeout: Some(CONNECT_LIMIT),
        user_agent: concat!("migrate-tui/", env!("CARGO_PKG_VERSION")),
        ..ClientConfig::default()
    })
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
