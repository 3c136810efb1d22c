/**
 * What tests of several packages share: tasks on other threads, bounded waits, and what is counted.
 */
package io.nioring.testkit;
