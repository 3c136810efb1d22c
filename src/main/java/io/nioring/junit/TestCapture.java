package io.nioring.junit;

import io.nioring.RingNetwork;
import io.nioring.observe.CaptureOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.junit.jupiter.api.MediaType;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** The capture of one test's network, into a file that the test's report gets or nobody. */
final class TestCapture {
  private static final String FILE = "nioring-capture.pcapng";

  private final io.nioring.observe.Capture capture;
  private final Path file;
  private final boolean onFailure;

  private TestCapture(io.nioring.observe.Capture capture, Path file, boolean onFailure) {
    this.capture = capture;
    this.file = file;
    this.onFailure = onFailure;
  }

  /** Starts one if the test or its class asks for it. */
  static Optional<TestCapture> start(ExtensionContext context, RingNetwork network) {
    return AnnotationSupport.findAnnotation(context.getElement(), Capture.class)
        .or(() -> AnnotationSupport.findAnnotation(context.getTestClass(), Capture.class))
        .map(asked -> start(asked, network));
  }

  private static TestCapture start(Capture asked, RingNetwork network) {
    CaptureOptions options =
        CaptureOptions.builder().filter(asked.value()).host(asked.host()).build();
    try {
      Path file = Files.createTempFile("nioring-capture", ".pcapng");
      return new TestCapture(
          io.nioring.observe.Capture.start(network, file, options), file, asked.onFailure());
    } catch (IOException e) {
      throw new UncheckedIOException("The capture of the test cannot be started", e);
    }
  }

  /**
   * Ends it, and attaches the file; where this JUnit, or who launched it, has no files for tests,
   * the file stays and an entry of the report names it. Never fails: the test's own result counts.
   */
  void end(ExtensionContext context, boolean failed) {
    capture.close();
    boolean attached = onFailure && !failed;
    if (!attached) {
      try {
        context.publishFile(
            FILE,
            MediaType.APPLICATION_OCTET_STREAM,
            to -> Files.copy(file, to, StandardCopyOption.REPLACE_EXISTING));
        attached = true;
      } catch (RuntimeException | LinkageError noFiles) {
        context.publishReportEntry(FILE, file.toString());
      }
    }
    if (attached) {
      delete();
    }
  }

  private void delete() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      // It stays among the temporary files.
    }
  }
}
