package io.nioring;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Makes the names of the JVM's network known to the whole JVM, by the JDK's own property for a file
 * of hosts.
 *
 * <p>The JDK reads the property when {@code InetAddress} is initialized, and the file, which takes
 * the place of DNS and of the machine's hosts file, at each lookup. So besides the names it
 * contains {@code localhost} and the machine's own name.
 */
final class HostsFile {
  /** The property of the JDK. */
  static final String KEY = "jdk.net.hosts.file";

  private static final Path OWN_NAME = Path.of("/proc/sys/kernel/hostname");

  private HostsFile() {}

  /**
   * Writes a file and sets the property, unless that names one with the same content already.
   *
   * @param addresses by the names of the hosts
   * @param present the property's value; null if it is not set
   * @throws IllegalArgumentException if the user has set the property
   * @throws IllegalStateException if no file can be written
   */
  static void install(Map<String, List<String>> addresses, String present) {
    String content = content(addresses);
    try {
      if (present == null) {
        Path file = Files.createTempFile("nioring", ".hosts");
        Files.writeString(file, content, UTF_8);
        file.toFile().deleteOnExit();
        System.setProperty(KEY, file.toString());
      } else if (!content.equals(text(Path.of(present)).orElse(null))) {
        throw new IllegalArgumentException(
            "nioring.hosts replaces " + KEY + ", which is set to " + present);
      }
    } catch (IOException e) {
      throw new IllegalStateException("nioring.hosts needs a file in java.io.tmpdir: " + e, e);
    }
  }

  private static String content(Map<String, List<String>> addresses) {
    StringBuilder lines = new StringBuilder("127.0.0.1 localhost\n::1 localhost\n");
    text(OWN_NAME).ifPresent(name -> lines.append("127.0.0.1 ").append(name.strip()).append('\n'));
    addresses.forEach(
        (name, each) -> {
          String spellings = " " + spellings(name) + "\n";
          each.forEach(address -> lines.append(address).append(spellings));
        });
    return lines.toString();
  }

  /**
   * A name as it was given, and how it may be written else: names have no case (RFC 4343), but the
   * JDK looks for the very letters that it was asked for.
   */
  private static String spellings(String given) {
    String lower = given.toLowerCase(Locale.ROOT);
    String upper = given.toUpperCase(Locale.ROOT);
    String capital = upper.charAt(0) + lower.substring(1);
    return String.join(" ", new LinkedHashSet<>(List.of(given, lower, upper, capital)));
  }

  private static Optional<String> text(Path file) {
    try {
      return Optional.of(Files.readString(file, UTF_8));
    } catch (IOException e) {
      return Optional.empty(); // another system, or another's file
    }
  }
}
