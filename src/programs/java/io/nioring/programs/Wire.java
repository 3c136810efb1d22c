package io.nioring.programs;

import java.util.List;
import java.util.Locale;

/** What a program's sockets are. */
enum Wire {
  /** The platform's sockets over the kernel's loopback device. */
  PLATFORM,
  /** Rings, and nothing else. */
  RING,
  /** Rings inside the virtual machine, the kernel for all others. */
  HYBRID,
  /** Netty's own channels inside a virtual machine, without sockets: an upper bound. */
  LOCAL;

  /** The system property that tells a virtual machine what its program runs on. */
  static final String PROPERTY = "programs.wire";

  /** What the program in this virtual machine runs on. */
  static Wire ofThisMachine() {
    return valueOf(System.getProperty(PROPERTY, RING.name()).toUpperCase(Locale.ROOT));
  }

  String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  List<String> flags() {
    return switch (this) {
      case PLATFORM, LOCAL -> List.of();
      case RING, HYBRID ->
          List.of(
              "-Djava.nio.channels.spi.SelectorProvider=io.nioring.RingSelectorProvider",
              "-Dnioring.mode=" + text());
    };
  }
}
