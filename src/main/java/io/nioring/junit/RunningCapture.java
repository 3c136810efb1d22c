package io.nioring.junit;

import io.nioring.observe.CaptureOptions;
import io.nioring.simulation.Simulation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.MediaType;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The capture of a simulation for a test, or for a class whose tests share the simulation. */
final class RunningCapture {
  private static final String NAME = "nioring-capture.pcapng";
  private static final MediaType TYPE = MediaType.create("application", "x-pcapng");

  private final Path file;
  private final io.nioring.observe.Capture capture;
  private final boolean onFailure;

  private RunningCapture(Path file, io.nioring.observe.Capture capture, boolean onFailure) {
    this.file = file;
    this.capture = capture;
    this.onFailure = onFailure;
  }

  /** Starts a capture if a test, or its class, asks for one. */
  static Optional<RunningCapture> start(ExtensionContext context, Simulation simulation) {
    return TestAnnotations.find(context, Capture.class).map(asked -> start(asked, simulation));
  }

  private static RunningCapture start(Capture asked, Simulation simulation) {
    try {
      Path file = Files.createTempFile("nioring", ".pcapng");
      boolean started = false;
      try {
        CaptureOptions options = CaptureOptions.builder().filter(asked.filter()).build();
        var capture = io.nioring.observe.Capture.start(simulation.network(), file, options);
        started = true;
        return new RunningCapture(file, capture, asked.onFailure());
      } finally {
        if (!started) {
          delete(file);
        }
      }
    } catch (IOException e) {
      throw new ExtensionConfigurationException("cannot write the capture: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new ExtensionConfigurationException(
          "the filter of @Capture is \"" + asked.filter() + "\": " + e.getMessage(), e);
    }
  }

  /**
   * Ends it, and attaches the file to the test if it is wanted.
   *
   * @param failed whether a test has failed
   */
  void end(ExtensionContext context, boolean failed) {
    capture.close();
    boolean isWanted = !onFailure || failed || context.getExecutionException().isPresent();
    if (!isWanted || isAttached(context)) {
      delete(file);
    }
  }

  /** Ends it, and keeps nothing. */
  void discard() {
    capture.close();
    delete(file);
  }

  /**
   * Otherwise it is left where it is, and that is reported: JUnit's launcher does not support
   * files.
   */
  private boolean isAttached(ExtensionContext context) {
    try {
      context.publishFile(NAME, TYPE, to -> Files.copy(file, to));
      return true;
    } catch (RuntimeException noFiles) {
      context.publishReportEntry("nioring-capture", file.toString());
      return false;
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      file.toFile().deleteOnExit(); // somebody reads it still
    }
  }
}
