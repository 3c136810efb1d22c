package io.nioring.socket;

/**
 * Something whose readiness can be asked for in the bits of poll(2). Implemented by the channels of
 * a ring provider; {@link ReadinessBit} reads it.
 */
public interface ReadinessSource {

  /**
   * The bits that hold now. May be asked by any thread at any time, also after close.
   *
   * @return the {@linkplain ReadinessBit#mask() masks} of {@link ReadinessBit}, added up
   */
  int readiness();
}
