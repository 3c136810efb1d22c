package io.nioring.route;

import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;

/** The pattern of a {@code unix:} route: a glob over the path of the socket. */
record UnixPattern(Glob glob) implements AddressPattern {

  static final String SCHEME = "unix:";

  /**
   * Parses what follows the scheme, a glob.
   *
   * @throws IllegalArgumentException if it is empty
   */
  static UnixPattern parse(String text) {
    if (text.isEmpty()) {
      throw new IllegalArgumentException("expected unix:<path>, with * for any path");
    }
    return new UnixPattern(new Glob(text));
  }

  @Override
  public boolean matches(SocketAddress address) {
    return address instanceof UnixDomainSocketAddress unix && matchesPath(unix.getPath());
  }

  /**
   * A relative path names the same socket as its absolute form, so either may match. The empty path
   * is that of an unnamed socket: it has no absolute form.
   */
  private boolean matchesPath(Path path) {
    String given = path.toString();
    return glob.matches(given)
        || (!given.isEmpty()
            && !path.isAbsolute()
            && glob.matches(path.toAbsolutePath().toString()));
  }

  @Override
  public String toString() {
    return SCHEME + glob;
  }
}
