package io.nioring.internal.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.GroupPrincipal;
import java.nio.file.attribute.UserPrincipal;
import java.util.Map;

/**
 * The user and the group that a file belongs to, by id and by name. The JDK looks the names up in
 * the system, so this translates ids into names without a native library.
 */
record FileOwner(long uid, long gid, String userName, String groupName) {

  /**
   * Reads the owner of a file.
   *
   * @throws IOException if the file can't be read
   * @throws UnsupportedOperationException if the file system has no such ids (Windows)
   */
  static FileOwner of(Path file) throws IOException {
    Map<String, Object> attributes = Files.readAttributes(file, "unix:uid,gid,owner,group");
    return new FileOwner(
        Integer.toUnsignedLong((Integer) attributes.get("uid")),
        Integer.toUnsignedLong((Integer) attributes.get("gid")),
        ((UserPrincipal) attributes.get("owner")).getName(),
        ((GroupPrincipal) attributes.get("group")).getName());
  }

  /** Reads the owner of a temporary file, made for the purpose and deleted at once. */
  static FileOwner ofTemporaryFile() throws IOException {
    Path file = Files.createTempFile("nioring", null);
    try {
      return of(file);
    } finally {
      Files.deleteIfExists(file);
    }
  }
}
