//! Images in a rehearsal: its registry has a stand-in for each that a plan names.

use std::collections::BTreeSet;
use std::fs::{self, File};

use oci_client::{Client, Reference, secrets::RegistryAuth};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::stand_ins::StandIns;
use crate::diff::Problem;
use crate::pin::ImageName;
use crate::registry::client;
use crate::words::in_full;

/// What the real ones are built for as well.
const ARCHITECTURES: [&str; 2] = ["amd64", "arm64"];
const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

impl StandIns {
    /// Where the stand-in of an image is, in the rehearsal's registry: an index of images that hold one text and no
    /// software. It is made when it is asked for first.
    ///
    /// # Errors
    /// [`Problem`] when it cannot be put there.
    pub async fn provide_image(&self, image: &ImageName) -> Result<ImageName, Problem> {
        let unusable = |reason: String| {
            Problem::new(
                format!("the stand-in for {image}"),
                reason,
                "see that the rehearsal still runs, then try again; nothing was changed",
            )
        };
        self.services().ready().await.map_err(|error| unusable(in_full(&error)))?;
        let place = self.place_of(image);
        self.push_image_once(image, &place).await.map_err(unusable)?;
        Ok(place)
    }

    fn place_of(&self, image: &ImageName) -> ImageName {
        // What a digest alone names cannot be made again.
        let by_digest = |digest: &String| {
            let digits = digest.split_once(':').map_or(digest.as_str(), |(_, digits)| digits);
            format!("digest-{}", digits.get(..12).unwrap_or(digits))
        };
        let tag = match (&image.tag, &image.digest) {
            (Some(tag), _) => tag.clone(),
            (None, Some(digest)) => by_digest(digest),
            (None, None) => "latest".to_owned(),
        };
        let path = image.name.replace(':', "-").to_lowercase();
        ImageName {
            name: format!("{}/images/{path}", self.services().registry),
            tag: Some(tag),
            digest: None,
        }
    }

    /// A second one would have another age, and with it another digest.
    async fn push_image_once(&self, image: &ImageName, place: &ImageName) -> Result<(), String> {
        let folder = self.run().join("stand-ins");
        fs::create_dir_all(&folder).map_err(|error| error.to_string())?;
        let name = format!("image-{}", hex::encode(Sha256::digest(place.to_string())));
        let done = folder.join(&name);
        let lock = File::create(folder.join(format!("{name}.lock"))).map_err(|error| error.to_string())?;
        let locked = tokio::task::spawn_blocking(move || lock.lock().map(|()| lock)).await;
        let _lock = locked.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
        if done.exists() {
            return Ok(());
        }
        push(image, place).await?;
        fs::write(done, "").map_err(|error| error.to_string())
    }
}

/// Builds it and puts it there.
async fn push(image: &ImageName, place: &ImageName) -> Result<(), String> {
    let reference: Reference = place.to_string().parse().map_err(|error| format!("{place}: {error}"))?;
    let client = client(&BTreeSet::from([place.clone()]));
    client.store_auth_if_needed(reference.resolve_registry(), &RegistryAuth::Anonymous).await;
    let text = format!("This stands in for {image} in a rehearsal. It holds no software.\n");
    let layer = tar("STAND-IN", text.as_bytes());
    let layer_digest = digest(&layer);
    let size = layer.len();
    blob(&client, &reference, layer, &layer_digest).await?;
    let mut manifests = Vec::new();
    for architecture in ARCHITECTURES {
        let config = json!({
            "created": jiff::Timestamp::now().to_string(),
            "architecture": architecture,
            "os": "linux",
            "config": {"Labels": {"org.opencontainers.image.description": text.trim_end()}},
            "rootfs": {"type": "layers", "diff_ids": [layer_digest]},
        });
        let config = config.to_string().into_bytes();
        let config_digest = digest(&config);
        let manifest = json!({
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"mediaType": CONFIG, "digest": config_digest, "size": config.len()},
            "layers": [{"mediaType": LAYER, "digest": layer_digest, "size": size}],
        });
        blob(&client, &reference, config, &config_digest).await?;
        let manifest = manifest.to_string().into_bytes();
        let (length, own) = (manifest.len(), digest(&manifest));
        put(&client, &reference.clone_with_digest(own.clone()), manifest, MANIFEST).await?;
        manifests.push(json!({
            "mediaType": MANIFEST,
            "digest": own,
            "size": length,
            "platform": {"architecture": architecture, "os": "linux"},
        }));
    }
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests});
    put(&client, &reference, index.to_string().into_bytes(), INDEX).await
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

async fn blob(client: &Client, reference: &Reference, bytes: Vec<u8>, digest: &str) -> Result<(), String> {
    client.push_blob(reference, bytes, digest).await.map(drop).map_err(|error| in_full(&error))
}

async fn put(client: &Client, reference: &Reference, bytes: Vec<u8>, media_type: &str) -> Result<(), String> {
    let media_type = http::HeaderValue::from_str(media_type).map_err(|error| error.to_string())?;
    client.push_manifest_raw(reference, bytes, media_type).await.map(drop).map_err(|error| in_full(&error))
}

/// An archive of one file, as POSIX writes it (ustar).
fn tar(name: &str, text: &[u8]) -> Vec<u8> {
    const BLOCK: usize = 512;
    let mut header = [0_u8; BLOCK];
    let mut field = |at: usize, value: &[u8]| {
        for (place, byte) in header.iter_mut().skip(at).zip(value) {
            *place = *byte;
        }
    };
    field(0, name.as_bytes());
    field(100, b"0000444\0");
    field(108, b"0000000\0");
    field(116, b"0000000\0");
    field(124, format!("{:011o}\0", text.len()).as_bytes());
    field(136, b"00000000000\0");
    // The sum is taken with spaces in its own place.
    field(148, b"        ");
    field(156, b"0");
    field(257, b"ustar\x0000");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    for (place, byte) in header.iter_mut().skip(148).zip(format!("{sum:06o}\0 ").bytes()) {
        *place = byte;
    }
    let mut archive = header.to_vec();
    archive.extend_from_slice(text);
    archive.resize(archive.len().next_multiple_of(BLOCK) + 2 * BLOCK, 0);
    archive
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write,
        process::{Command, Stdio},
    };

    #[test]
    fn the_layer_is_an_archive_that_tar_reads() {
        let archive = super::tar("STAND-IN", b"no software\n");
        let mut tar = Command::new("tar")
            .args(["-xOf", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        tar.stdin.take().unwrap().write_all(&archive).unwrap();
        let output = tar.wait_with_output().unwrap();
        assert!(output.status.success());
        assert_eq!(output.stdout, b"no software\n");
    }
}
