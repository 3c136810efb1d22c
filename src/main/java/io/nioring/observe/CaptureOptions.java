package io.nioring.observe;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * The options of a capture. An immutable value, safe for use by many threads.
 *
 * <pre>{@code
 * CaptureOptions options =
 *     CaptureOptions.builder().filter("port 5432").fileSizeBytes(50 << 20).files(10).build();
 * }</pre>
 */
public final class CaptureOptions {
  private static final int MAX_SNAP_BYTES = 262_144;
  private static final int MIN_SNAP_BYTES = 64;
  private static final long MIN_QUEUE_BYTES = 1 << 12;
  private static final long MIN_FILE_BYTES = 1 << 12;

  private final String filter;
  private final String host;
  private final boolean pipes;
  private final int snapBytes;
  private final long queueBytes;
  private final boolean blocking;
  private final long fileSizeBytes;
  private final Duration fileDuration;
  private final int files;
  private final Path keyLog;

  private CaptureOptions(Builder builder) {
    filter = builder.filter;
    host = builder.host;
    pipes = builder.pipes;
    snapBytes = (int) check("snapBytes", builder.snapBytes, MIN_SNAP_BYTES, MAX_SNAP_BYTES);
    queueBytes = check("queueBytes", builder.queueBytes, MIN_QUEUE_BYTES, 1L << 30);
    blocking = builder.blocking;
    fileSizeBytes =
        builder.fileSizeBytes == 0
            ? 0
            : check("fileSizeBytes", builder.fileSizeBytes, MIN_FILE_BYTES, Long.MAX_VALUE);
    fileDuration = builder.fileDuration;
    files = (int) check("files", builder.files, 0, 100_000);
    keyLog = builder.keyLog;
    if (builder.keepsFilesThatNeverEnd()) {
      throw new IllegalArgumentException(
          "files is " + files + ", but neither fileSizeBytes nor fileDuration limits a file");
    }
  }

  private static long check(String name, long value, long min, long max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(
          name + " is " + value + ", expected a number from " + min + " to " + max);
    }
    return value;
  }

  /** {@return a builder that holds the defaults} */
  public static Builder builder() {
    return new Builder();
  }

  /** {@return the defaults: every connection, one file, whole packets} */
  public static CaptureOptions defaults() {
    return builder().build();
  }

  /** {@return which connections are captured; empty for all} */
  public String filter() {
    return filter;
  }

  /** {@return the host of a simulated network that the capture is made at; empty for none} */
  public String host() {
    return host;
  }

  /** {@return whether pipes and socket pairs are captured too; false by default} */
  public boolean pipes() {
    return pipes;
  }

  /** {@return the most bytes that are kept of a packet, 64 to 262,144, by default 262,144} */
  public int snapBytes() {
    return snapBytes;
  }

  /**
   * Returns how many bytes may wait to be written. What does not fit into a full queue is dropped
   * and counted, unless the capture is {@linkplain #blocking() blocking}.
   *
   * @return the bound in bytes, 4 KiB to 1 GiB, by default 16 MiB
   */
  public long queueBytes() {
    return queueBytes;
  }

  /**
   * Returns whether the program waits while the queue is full, so that nothing is dropped; for
   * tests.
   *
   * @return false by default
   */
  public boolean blocking() {
    return blocking;
  }

  /**
   * {@return the size in bytes from which a new file is begun, 4 KiB or more; 0 for never, the
   * default}
   */
  public long fileSizeBytes() {
    return fileSizeBytes;
  }

  /** {@return the time after which a new file is begun; zero for never, the default} */
  public Duration fileDuration() {
    return fileDuration;
  }

  /** {@return how many of the newest files are kept; 0 for all, the default} */
  public int files() {
    return files;
  }

  /** {@return the TLS key log file that is embedded, if any} */
  public Optional<Path> keyLog() {
    return Optional.ofNullable(keyLog);
  }

  /** Whether a new file is ever begun. */
  boolean rotates() {
    return fileSizeBytes > 0 || !fileDuration.isZero();
  }

  /** Collects options. What is not set keeps its default. Not safe for concurrent use. */
  public static final class Builder {
    private String filter = "";
    private String host = "";
    private boolean pipes;
    private int snapBytes = MAX_SNAP_BYTES;
    private long queueBytes = 16 << 20;
    private boolean blocking;
    private long fileSizeBytes;
    private Duration fileDuration = Duration.ZERO;
    private int files;
    private Path keyLog;

    private Builder() {}

    /**
     * Sets which connections are captured, in the syntax of {@code ss}; see {@link SocketFilter}.
     *
     * @param expression such as {@code port 5432}; empty for all
     * @return this builder
     */
    public Builder filter(String expression) {
      filter = Objects.requireNonNull(expression, "expression");
      return this;
    }

    /**
     * Captures what a host of a simulated network sees on its links: what it sends, when it sends
     * it and even if that is lost on the way, and what it receives, when that arrives. Without a
     * host, each connection is captured once, at its senders.
     *
     * @param name the host's name; empty for none
     * @return this builder
     */
    public Builder host(String name) {
      host = Objects.requireNonNull(name, "name");
      return this;
    }

    /**
     * Sets {@link CaptureOptions#pipes()}.
     *
     * @param on whether pipes and socket pairs are captured too, as far as the filter chooses them
     * @return this builder
     */
    public Builder pipes(boolean on) {
      pipes = on;
      return this;
    }

    /**
     * Sets {@link CaptureOptions#snapBytes()}.
     *
     * @param bytes 64 to 262,144
     * @return this builder
     */
    public Builder snapBytes(int bytes) {
      snapBytes = bytes;
      return this;
    }

    /**
     * Sets {@link CaptureOptions#queueBytes()}.
     *
     * @param bytes 4 KiB to 1 GiB
     * @return this builder
     */
    public Builder queueBytes(long bytes) {
      queueBytes = bytes;
      return this;
    }

    /**
     * Sets {@link CaptureOptions#blocking()}.
     *
     * @param on whether the program waits for the capture
     * @return this builder
     */
    public Builder blocking(boolean on) {
      blocking = on;
      return this;
    }

    /**
     * Sets {@link CaptureOptions#fileSizeBytes()}.
     *
     * @param bytes 4 KiB or more; 0 for never
     * @return this builder
     */
    public Builder fileSizeBytes(long bytes) {
      fileSizeBytes = bytes;
      return this;
    }

    /**
     * Sets {@link CaptureOptions#fileDuration()}.
     *
     * @param duration how long a file lasts; zero for ever
     * @return this builder
     * @throws IllegalArgumentException if it is negative
     */
    public Builder fileDuration(Duration duration) {
      if (duration.isNegative()) {
        throw new IllegalArgumentException("fileDuration is " + duration + ", expected 0 or more");
      }
      fileDuration = duration;
      return this;
    }

    /**
     * Sets {@link CaptureOptions#files()}.
     *
     * @param newest 0 to 100,000
     * @return this builder
     */
    public Builder files(int newest) {
      files = newest;
      return this;
    }

    /**
     * Embeds a TLS key log file (SSLKEYLOGFILE), and the lines that are added to it during the
     * capture. Packets are then written a moment later, so that the keys stand before them.
     *
     * @param file the key log file; null for none
     * @return this builder
     */
    public Builder keyLog(Path file) {
      keyLog = file;
      return this;
    }

    /** Whether a number of files is given, but nothing that ends one. */
    boolean keepsFilesThatNeverEnd() {
      return files > 0 && fileSizeBytes == 0 && fileDuration.isZero();
    }

    /**
     * Makes the options.
     *
     * @return the options
     * @throws IllegalArgumentException if a number is out of bounds, or files are to be kept that
     *     never end; the message gives name, value and bound
     */
    public CaptureOptions build() {
      return new CaptureOptions(this);
    }
  }
}
