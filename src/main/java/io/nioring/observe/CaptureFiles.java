package io.nioring.observe;

import java.io.BufferedOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * The files of one capture: each complete by itself, the next one begun when one is full or old
 * enough, the oldest deleted when there are too many.
 *
 * <p>Where it rotates, {@code name.pcapng} becomes {@code name-00001.pcapng} and so on. Used by the
 * capture's writer thread.
 */
final class CaptureFiles implements Closeable {
  private static final int BUFFER_BYTES = 1 << 16;

  /** How many names, the latest ones, are repeated in the next file. */
  private static final int MAX_NAMES = 10_000;

  /** Where the packets go; null for a stream. */
  private final Path path;

  /** Where the packets go; null for files. */
  private final OutputStream stream;

  /** Keeps other captures away; null for a stream. */
  private final FileClaim claim;

  private final String interfaceName;
  private final String description;
  private final CaptureOptions options;

  /** Null if there is none. */
  private final KeyLog keyLog;

  /** A list of nodes: an {@link java.util.ArrayDeque} that cannot grow loses what it has. */
  @SuppressWarnings("JdkObsolete")
  private final Queue<Path> kept = new LinkedList<>();

  private final Map<InetAddress, PcapngWriter.Name> names = new LinkedHashMap<>();

  private PcapngWriter writer;

  /** Null for a stream. */
  private OutputFile present;

  private long begunNanos;
  private int number;

  // What the present file's statistics say.
  private long received;
  private long dropped;

  private CaptureFiles(
      Path path,
      OutputStream stream,
      FileClaim claim,
      String interfaceName,
      String description,
      CaptureOptions options) {
    this.path = path;
    this.stream = stream;
    this.claim = claim;
    this.interfaceName = interfaceName;
    this.description = description;
    this.options = options;
    this.keyLog = options.keyLog().map(KeyLog::new).orElse(null);
  }

  /**
   * Creates the first of the files.
   *
   * @param path where, if the capture rotates with a number before the extension
   * @param interfaceName the name of the network
   * @param description what the network is
   * @param nowNanos the time, in nanoseconds since 1970
   * @throws IOException if the file cannot be created, or another running capture writes it
   */
  static CaptureFiles at(
      Path path, String interfaceName, String description, CaptureOptions options, long nowNanos)
      throws IOException {
    FileClaim claim =
        options.rotates() ? FileClaim.of(numbered(path, 1), numbers(path)) : FileClaim.of(path);
    boolean begun = false;
    try {
      CaptureFiles files = new CaptureFiles(path, null, claim, interfaceName, description, options);
      files.begin(nowNanos);
      begun = true;
      return files;
    } finally {
      if (!begun) {
        claim.release();
      }
    }
  }

  /**
   * Begins a single file that goes into a stream, as {@link #at} does.
   *
   * @param stream is closed at the end
   * @throws IllegalArgumentException if the capture rotates
   */
  static CaptureFiles into(
      OutputStream stream,
      String interfaceName,
      String description,
      CaptureOptions options,
      long nowNanos)
      throws IOException {
    if (options.rotates()) {
      throw new IllegalArgumentException("a capture into a stream has no further files");
    }
    CaptureFiles files = new CaptureFiles(null, stream, null, interfaceName, description, options);
    files.begin(nowNanos);
    return files;
  }

  /** Names an address in this file and in all that follow. */
  void name(PcapngWriter.Name name) throws IOException {
    if (name.equals(names.get(name.address()))) {
      return;
    }
    writer.nameResolution(List.of(name));
    names.put(name.address(), name);
    if (names.size() > MAX_NAMES) {
      names.keySet().remove(names.keySet().iterator().next());
    }
  }

  /** Writes a packet; see {@link PcapngWriter#packet}. */
  void packet(
      long epochNanos,
      ByteBuffer header,
      ByteBuffer payload,
      int originalBytes,
      String comment,
      long lost)
      throws IOException {
    if (isOver(epochNanos)) {
      end(epochNanos);
      begin(epochNanos);
    }
    received += lost + 1;
    dropped += lost;
    writer.packet(0, epochNanos, header, payload, originalBytes, comment, lost);
  }

  private boolean isOver(long nowNanos) {
    return received > 0
        && ((options.fileSizeBytes() > 0 && writer.bytesWritten() >= options.fileSizeBytes())
            || (!options.fileDuration().isZero()
                && nowNanos - begunNanos >= TimeUnit.NANOSECONDS.convert(options.fileDuration())));
  }

  /** Writes what is buffered. */
  void flush() throws IOException {
    writer.flush();
  }

  /** Notes packets that were lost at the end of the capture. */
  void lost(long packets) {
    received += packets;
    dropped += packets;
  }

  /** Ends the last file. */
  void end(long nowNanos) throws IOException {
    try (PcapngWriter ending = writer) {
      ending.statistics(0, begunNanos, nowNanos, received, dropped);
    }
  }

  /** Closes the present file as it is, without its statistics. */
  @Override
  public void close() throws IOException {
    names.clear();
    try {
      writer.close();
    } finally {
      if (claim != null) {
        claim.release();
      }
    }
  }

  /** Removes the present file, which was closed, unless it was there before. */
  void discard() {
    if (present != null) {
      present.discard();
    }
  }

  private void begin(long nowNanos) throws IOException {
    Path file = path == null || !options.rotates() ? path : numbered(++number);
    present = file == null ? null : OutputFile.open(file, claim);
    OutputStream out = file == null ? stream : present.out();
    boolean begun = false;
    try {
      writer = new PcapngWriter(new BufferedOutputStream(out, BUFFER_BYTES));
      begunNanos = nowNanos;
      received = 0;
      dropped = 0;
      if (file != null) {
        keep(file);
      }
      writePreamble();
      begun = true;
    } finally {
      if (!begun) {
        abandon(out);
      }
    }
  }

  private void abandon(OutputStream out) throws IOException {
    try {
      out.close();
    } finally {
      discard();
    }
  }

  private void writePreamble() throws IOException {
    writer.sectionHeader("nioring, Java " + Runtime.version());
    writer.interfaceDescription(interfaceName, description, options.snapBytes());
    if (keyLog != null) {
      keyLog.all(this::writeSecrets);
    }
    if (!names.isEmpty()) {
      writer.nameResolution(new ArrayList<>(names.values()));
    }
    writer.flush(); // also fails early if the stream accepts nothing
  }

  private void writeSecrets(byte[] lines) throws IOException {
    writer.decryptionSecrets(PcapngWriter.TLS_KEY_LOG, lines);
  }

  /** Whether there is a TLS key log file. */
  boolean hasKeyLog() {
    return keyLog != null;
  }

  /** Embeds the lines that were added to the key log file, before the packets that they decrypt. */
  void addSecrets() throws IOException {
    keyLog.added(this::writeSecrets);
  }

  private void keep(Path file) throws IOException {
    if (options.files() == 0) {
      return; // all of them stay
    }
    kept.add(file);
    while (kept.size() > options.files()) {
      Files.deleteIfExists(kept.remove());
    }
  }

  private Path numbered(int count) {
    return numbered(path, count);
  }

  /** The name of a file in the order of a capture that has several. */
  static Path numbered(Path path, int count) {
    String name = path.getFileName().toString();
    int end = endOfStem(name);
    return path.resolveSibling(
        "%s-%05d%s".formatted(name.substring(0, end), count, name.substring(end)));
  }

  /** What the names of such files match. */
  private static Pattern numbers(Path path) {
    String name = path.getFileName().toString();
    int end = endOfStem(name);
    return Pattern.compile(
        Pattern.quote(name.substring(0, end)) + "-\\d{5,}" + Pattern.quote(name.substring(end)));
  }

  private static int endOfStem(String name) {
    int dot = name.lastIndexOf('.');
    return dot <= 0 ? name.length() : dot;
  }
}
