"""Container images as OCI archives, whose bytes depend on their files alone."""
import gzip
import hashlib
import io
import json
import os
import subprocess
import tarfile

# Libraries that a command opens with dlopen(3) when it needs them.
OPENED = ["libcurl-gnutls.so.4", "libbpf.so.1"]
# Directories that the runtime or a volume covers.
DIRECTORIES = [("dev", 0o755), ("proc", 0o755), ("sys", 0o755), ("run", 0o755), ("tmp", 0o1777)]


def digest(data):
    return hashlib.sha256(data).hexdigest()


def layer(files):
    """Returns files as a tar archive: path to (content, target of a link, mode)."""
    directories = dict(DIRECTORIES)
    for path in files:
        while path := os.path.dirname(path):
            directories.setdefault(path, 0o755)
    entries = [(path, None, None, mode) for path, mode in directories.items()]
    entries += [(path, *file) for path, file in files.items()]
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path, content, target, mode in sorted(entries):
            entry = tarfile.TarInfo(path)
            entry.mode = mode
            if content is not None:
                entry.size = len(content)
            elif target is not None:
                entry.type, entry.linkname = tarfile.SYMTYPE, target
            else:
                entry.type = tarfile.DIRTYPE
            archive.addfile(entry, io.BytesIO(content) if content is not None else None)
    return buffer.getvalue()


def write(path, blob, name, version, configuration, annotations):
    """Writes the archive of one layer; returns the digest of the manifest."""
    blobs = {}

    def described(data, kind):
        blobs[digest(data)] = data
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": "sha256:" + digest(data), "size": len(data)}

    # Without a time, gzip's output depends on its input alone.
    layers = [described(gzip.compress(blob, 6, mtime=0), "layer.v1.tar+gzip")]
    config = described(as_json({
        "architecture": subprocess.check_output(["dpkg", "--print-architecture"], text=True).strip(),
        "os": "linux", "created": "1970-01-01T00:00:00Z", "config": configuration,
        "rootfs": {"type": "layers", "diff_ids": ["sha256:" + digest(blob)]},
        "history": [{"created": "1970-01-01T00:00:00Z", "created_by": ".ci/image/build"}],
    }), "config.v1+json")
    manifest = described(as_json({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config,
        "layers": layers, "annotations": annotations,
    }), "manifest.v1+json")
    named = manifest | {"annotations": {
        "org.opencontainers.image.ref.name": f"{name}:{version}", "io.containerd.image.name": f"{name}:{version}",
    }}
    files = {f"blobs/sha256/{name}": data for name, data in blobs.items()}
    files["oci-layout"] = as_json({"imageLayoutVersion": "1.0.0"})
    files["index.json"] = as_json({"schemaVersion": 2, "manifests": [named]})
    with tarfile.open(path, "w", format=tarfile.USTAR_FORMAT) as output:
        for name, data in sorted(files.items()):
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            output.addfile(entry, io.BytesIO(data))
    return manifest["digest"]


def as_json(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
